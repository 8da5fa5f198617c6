import type { Image } from "../image/image.ts";
import { DEFAULT_THRESHOLD } from "./threshold.ts";

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

/** Half the range of α around the threshold that becomes the cutout's soft edge. */
const EDGE = 0.2;

/**
 * The masked object on its own: the image's colours, opaque inside the mask and clear outside,
 * with a soft edge where α is near the threshold. α itself would leave a veil of the ground, which
 * sinks to 0 only slowly.
 *
 * The colours are not multiplied by the opacity and stay whole where it is 0, so an editor can
 * still paint the edge back in.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @param threshold α of half opacity, 0..1; at the ends of that range the edge is hard.
 * @returns Interleaved RGBA.
 *
 * @example
 * ```ts
 * import { cutout } from "./cutout.ts";
 *
 * const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
 * console.assert(cutout(red, Float32Array.of(0.2), 0.5).join() === "255,0,0,0");
 * console.assert(cutout(red, Float32Array.of(0.6), 0.5).join() === "255,0,0,191");
 * ```
 */
export function cutout(
  image: Image,
  alpha: Float32Array,
  threshold = DEFAULT_THRESHOLD,
): Uint8Array<ArrayBuffer> {
  const { data } = image;
  const rgba = new Uint8Array(4 * alpha.length);
  const edge = Math.min(EDGE, threshold, 1 - threshold);
  for (let i = 0; i < alpha.length; i++) {
    const opacity = edge > 0
      ? (alpha[i] - threshold + edge) / (2 * edge)
      : Number(alpha[i] >= threshold);
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[3 * i + c];
    rgba[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, opacity)));
  }
  return rgba;
}
