import { resample } from "../image/resample.ts";
import { paintClutter } from "./clutter.ts";

/** What can be behind the objects of a scene. */
export const GROUNDS = ["plain", "gradient", "noise", "stripes", "checker", "clutter"] as const;

/** One of {@link GROUNDS}. */
export type Ground = typeof GROUNDS[number];

/** Red, green and blue in 0..1. */
export type Rgb = readonly [number, number, number];

/** How much of the second colour there is at a place in the unit square. */
type Blend = (x: number, y: number) => number;

/**
 * Paints a square ground from two colours: the same pattern at every size. `plain` has the first
 * alone, `clutter` things of any colour on the first.
 *
 * @param uniform Source of the pattern's random choices, in [0, 1).
 * @returns Interleaved RGB in 0..1, `3 · size · size` long.
 *
 * @example
 * ```ts
 * import { paintGround } from "./grounds.ts";
 *
 * const ground = paintGround("plain", 2, [[1, 0, 0], [0, 0, 1]], () => 0);
 * console.assert(ground.join() === "1,0,0,1,0,0,1,0,0,1,0,0");
 * ```
 */
export function paintGround(
  kind: Ground,
  size: number,
  [first, second]: readonly [Rgb, Rgb],
  uniform: () => number,
): Float32Array {
  const blend = PATTERNS[kind](uniform, size);
  const rgb = new Float32Array(3 * size * size);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const b = blend((x + 0.5) / size, (y + 0.5) / size);
      for (let c = 0; c < 3; c++) rgb[i++] = first[c] + b * (second[c] - first[c]);
    }
  }
  if (kind === "clutter") paintClutter(rgb, size, uniform);
  return rgb;
}

const PATTERNS: Record<Ground, (uniform: () => number, size: number) => Blend> = {
  plain: () => () => 0,
  clutter: () => () => 0,

  gradient(uniform) {
    const [dx, dy] = [2 * uniform() - 1, 2 * uniform() - 1];
    const span = Math.abs(dx) + Math.abs(dy) || 1;
    return (x, y) => 0.5 + ((x - 0.5) * dx + (y - 0.5) * dy) / span;
  },

  /** Soft blobs: a coarse random lattice, enlarged, its contrast raised. */
  noise(uniform, size) {
    const cells = integer(uniform, 4, 8);
    const data = Float32Array.from({ length: cells * cells }, uniform);
    const lattice = { width: cells, height: cells, channels: 1, data };
    const smooth = resample(lattice, { x: 0, y: 0, width: cells, height: cells }, size, size);
    return (x, y) => {
      const value = smooth[Math.floor(y * size) * size + Math.floor(x * size)];
      return Math.min(1, Math.max(0, 0.5 + 3 * (value - 0.5)));
    };
  },

  stripes(uniform) {
    const [dx, dy] = [[1, 0], [0, 1], [1, 1], [1, -1]][integer(uniform, 0, 3)];
    const [count, phase] = [integer(uniform, 5, 12), uniform()];
    // + count keeps the argument positive where the direction points up.
    return (x, y) => Math.floor((x * dx + y * dy) * count + phase + count) % 2;
  },

  checker(uniform) {
    const [count, dx, dy] = [integer(uniform, 4, 9), uniform(), uniform()];
    return (x, y) => (Math.floor(x * count + dx) + Math.floor(y * count + dy)) % 2;
  },
};

/** A whole number from `min` to `max`, both included. */
function integer(uniform: () => number, min: number, max: number): number {
  return min + Math.floor(uniform() * (max - min + 1));
}
