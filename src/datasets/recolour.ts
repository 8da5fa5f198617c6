import type { Pixels } from "../image/resample.ts";

/**
 * Turns the hue of every pixel by as many degrees of HSV's circle; saturation, value and alpha
 * stay. Colours may be multiplied by alpha: that scales value alone.
 *
 * @param glyph Interleaved RGBA in 0..1.
 *
 * @example
 * ```ts
 * import { recolour } from "./recolour.ts";
 *
 * const red = { width: 1, height: 1, channels: 4, data: Float32Array.of(1, 0, 0, 1) };
 * console.assert(recolour(red, 120).data.join() === "0,1,0,1");
 * ```
 */
export function recolour(glyph: Pixels, degrees: number): Pixels {
  const data = Float32Array.from(glyph.data);
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = data.subarray(i, i + 3);
    const value = Math.max(r, g, b);
    const span = value - Math.min(r, g, b);
    if (span === 0) continue;
    const sixths = value === r
      ? (g - b) / span
      : value === g
      ? 2 + (b - r) / span
      : 4 + (r - g) / span;
    const hue = sixths + degrees / 60;
    // Red, green and blue lie at 5, 3 and 1 of HSV's piecewise linear wheel.
    data.set([5, 3, 1].map((n) => value - span * wheel(n + hue)), i);
  }
  return { ...glyph, data };
}

/** How much a channel falls short of the value: 0 for a third of the circle, 1 for another. */
function wheel(sixths: number): number {
  const k = ((sixths % 6) + 6) % 6;
  return Math.max(0, Math.min(1, k, 4 - k));
}
