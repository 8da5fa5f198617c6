import { uniformAt } from "../backend/random.ts";

/** A sequence of random choices. */
export interface RandomChoices {
  /** A number in min..max, below `max`. */
  between(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element of a list. */
  pick<T>(from: readonly T[]): T;
  /** A copy of a list in random order. */
  shuffle<T>(list: readonly T[]): T[];
}

/** Creates the choices that belong to a seed, stream and counter; they are always the same. */
export function randomChoices(seed: number, stream: number, counter: number): RandomChoices {
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
