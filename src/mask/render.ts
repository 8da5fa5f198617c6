import { encodePng } from "../image/encode.ts";
import type { Image } from "../image/image.ts";
import { alphaToGrey, cutout } from "./cutout.ts";
import { overlay } from "./overlay.ts";
import { mask } from "./threshold.ts";

/** The kinds of images that a mask can be written as, in the order in which users see them. */
export const MASK_KINDS = ["alpha", "mask", "cutout", "overlay"] as const;

/** One of {@link MASK_KINDS}. */
export type MaskKind = typeof MASK_KINDS[number];

/** How each kind is drawn. */
const DRAW: Record<MaskKind, (image: Image, alpha: Float32Array, threshold: number) => Image> = {
  alpha: alphaToGrey,
  mask,
  cutout,
  overlay,
};

/**
 * Draws a mask as a PNG of the image's own size.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns The PNG file's bytes.
 */
export function renderMask(
  kind: MaskKind,
  image: Image,
  alpha: Float32Array,
  threshold: number,
): Promise<Uint8Array> {
  return encodePng(DRAW[kind](image, alpha, threshold));
}
