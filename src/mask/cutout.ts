import type { Image } from "../image/image.ts";

/**
 * Alpha as 8-bit grey: 0..1 becomes 0..255, rounded.
 *
 * @example
 * ```ts
 * import { alphaToGrey } from "./cutout.ts";
 *
 * console.assert(alphaToGrey(Float32Array.of(0, 0.5, 1)).join() === "0,128,255");
 * ```
 */
export function alphaToGrey(alpha: Float32Array): Uint8Array<ArrayBuffer> {
  const grey = new Uint8Array(alpha.length);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.round(255 * Math.min(1, Math.max(0, alpha[i])));
  }
  return grey;
}

/**
 * The masked object on its own: the picture's colours with α as their alpha. The colours are not
 * multiplied by it, and stay whole where α is 0, so an editor can still paint the edge back in.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns Interleaved RGBA.
 *
 * @example
 * ```ts
 * import { cutout } from "./cutout.ts";
 *
 * const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
 * console.assert(cutout(red, Float32Array.of(0.2)).join() === "255,0,0,51");
 * ```
 */
export function cutout(image: Image, alpha: Float32Array): Uint8Array<ArrayBuffer> {
  const { data } = image;
  const grey = alphaToGrey(alpha);
  const rgba = new Uint8Array(4 * grey.length);
  for (let i = 0; i < grey.length; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[3 * i + c];
    rgba[4 * i + 3] = grey[i];
  }
  return rgba;
}
