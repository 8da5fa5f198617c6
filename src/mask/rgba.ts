import type { Image } from "../image/image.ts";
import { alphaToGrey } from "./cutout.ts";

/**
 * An image and its mask as one: α as it is, the colours not multiplied by it (*straight* alpha), as
 * PNG wants them.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns Interleaved RGBA.
 *
 * @example
 * ```ts
 * import { rgba } from "./rgba.ts";
 *
 * const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
 * console.assert(rgba(red, Float32Array.of(0.2)).join() === "255,0,0,51");
 * ```
 */
export function rgba({ data }: Image, alpha: Float32Array): Uint8Array<ArrayBuffer> {
  const opacity = alphaToGrey(alpha);
  const pixels = new Uint8Array(4 * alpha.length);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = data[3 * i + c];
    pixels[4 * i + 3] = opacity[i];
  }
  return pixels;
}
