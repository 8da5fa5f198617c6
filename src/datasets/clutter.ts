/** Fewest and most things. */
const COUNT = [12, 35] as const;

/** Smallest and largest half width, as a fraction of the image's side. */
const RADIUS = [0.03, 0.14] as const;

/**
 * Paints boxes and discs of any colour over a ground, wherever they fall.
 *
 * @param rgb Interleaved RGB in 0..1, `3 · size · size` long.
 * @param uniform Source of the random choices, in [0, 1).
 *
 * @example
 * ```ts
 * import { paintClutter } from "./clutter.ts";
 *
 * const rgb = new Float32Array(3 * 8 * 8);
 * paintClutter(rgb, 8, () => 0.5);
 * console.assert(rgb[3 * (4 * 8 + 4)] === 0.5 && rgb[0] === 0);
 * ```
 */
export function paintClutter(rgb: Float32Array, size: number, uniform: () => number): void {
  const between = ([min, max]: readonly [number, number]) => min + uniform() * (max - min);
  const count = Math.floor(between([COUNT[0], COUNT[1] + 1]));
  for (let n = 0; n < count; n++) {
    const [cx, cy, width] = [uniform(), uniform(), between(RADIUS)];
    const disc = uniform() < 0.5;
    const height = width * between([0.4, 1.4]);
    const colour = [uniform(), uniform(), uniform()];
    for (let i = 0; i < size * size; i++) {
      const [dx, dy] = [(i % size + 0.5) / size - cx, (Math.floor(i / size) + 0.5) / size - cy];
      const inside = disc
        ? dx * dx + dy * dy < width * width
        : Math.abs(dx) < width && Math.abs(dy) < height;
      if (inside) rgb.set(colour, 3 * i);
    }
  }
}
