import { uniformAt } from "../backend/random.ts";

/** A row of random choices. */
export interface Draws {
  /** A number from `min` to below `max`. */
  between(min: number, max: number): number;
  /** True with a probability. */
  chance(probability: number): boolean;
  /** One of a list. */
  pick<T>(from: readonly T[]): T;
  /** A list in another order. */
  shuffle<T>(list: readonly T[]): T[];
}

/**
 * The random choices of a seed, stream and counter, always the same ones.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 *
 * const [a, b] = [drawsFrom(1, 2, 3), drawsFrom(1, 2, 3)];
 * console.assert(a.between(5, 6) === b.between(5, 6));
 * console.assert(a.shuffle([1, 2, 3]).toSorted().join() === "1,2,3");
 * ```
 */
export function drawsFrom(seed: number, stream: number, counter: number): Draws {
  let drawn = 0;
  const uniform = () => uniformAt(seed, stream, counter, drawn++);
  const below = (count: number) => Math.floor(uniform() * count);
  return {
    between: (min, max) => min + uniform() * (max - min),
    chance: (probability) => uniform() < probability,
    pick: (from) => from[below(from.length)],
    shuffle(list) {
      const shuffled = [...list];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
      }
      return shuffled;
    },
  };
}
