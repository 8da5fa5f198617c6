import type { Image } from "./image.ts";

/**
 * The image that planar floats are: rounded to 8 bits, values out of 0..1 cut to it.
 *
 * @param planes (3, height, width), 0..1.
 *
 * @example
 * ```ts
 * import { fromPlanes } from "./from_planes.ts";
 *
 * const { data } = fromPlanes(Float32Array.of(0, 1, 0.5, 0.2, 1.1, -0.1), 2, 1);
 * console.assert(data.join() === "0,128,255,255,51,0");
 * ```
 */
export function fromPlanes(planes: Float32Array, width: number, height: number): Image {
  const pixels = width * height;
  const data = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) {
      const value = planes[c * pixels + i];
      data[3 * i + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  return { width, height, data };
}
