import { checkAlpha, type Image } from "../image/image.ts";

/** The default of the threshold: the mask is α ≥ ½. */
export const DEFAULT_THRESHOLD = 0.5;

/**
 * The hard mask of an alpha map as an image: 255 where α ≥ `threshold`, 0 elsewhere.
 *
 * @param size The image, or its width and height.
 * @param alpha (height, width) of the image, 0..1.
 * @param threshold In 0..1, by default ½.
 * @returns An image of one channel.
 * @throws {UserError} α has another size than the image.
 *
 * @example
 * ```ts
 * import { mask } from "../../mod.ts";
 *
 * const { data } = mask({ width: 3, height: 1 }, Float32Array.of(0.2, 0.5, 0.9));
 * console.assert(data.join() === "0,255,255");
 * ```
 */
export function mask(
  size: Pick<Image, "width" | "height">,
  alpha: Float32Array,
  threshold = DEFAULT_THRESHOLD,
): Image {
  checkAlpha(size, alpha);
  const { width, height } = size;
  return { width, height, channels: 1, data: thresholdMask(alpha, threshold) };
}

/** The hard mask of an alpha map of any shape: 255 where α ≥ `threshold`, 0 elsewhere. */
export function thresholdMask(alpha: Float32Array, threshold: number): Uint8Array<ArrayBuffer> {
  const inside = new Uint8Array(alpha.length);
  for (let i = 0; i < inside.length; i++) inside[i] = alpha[i] >= threshold ? 255 : 0;
  return inside;
}

/**
 * The fraction of the image that a mask takes: of its pixels with α ≥ `threshold`, 0..1.
 *
 * @param threshold In 0..1, by default ½.
 *
 * @example
 * ```ts
 * import { images } from "../../mod.ts";
 *
 * console.assert(images.coverage(Float32Array.of(0.2, 0.5, 0.9, 0)) === 0.5);
 * ```
 */
export function coverage(alpha: Float32Array, threshold = DEFAULT_THRESHOLD): number {
  let inside = 0;
  for (let i = 0; i < alpha.length; i++) if (alpha[i] >= threshold) inside++;
  return inside / alpha.length;
}
