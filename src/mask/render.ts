import { encodePng } from "../image/encode.ts";
import type { Image } from "../image/image.ts";
import { alphaToGrey, cutout } from "./cutout.ts";
import { overlay } from "./overlay.ts";
import { thresholdMask } from "./threshold.ts";

/** The images a mask can be written as, in the order they are listed to users. */
export const MASK_KINDS = ["alpha", "mask", "cutout", "overlay"] as const;

/** One of {@link MASK_KINDS}. */
export type MaskKind = typeof MASK_KINDS[number];

/**
 * Draws a mask as a PNG of the image's own size:
 * - `alpha`: α as 8-bit grey;
 * - `mask`: 255 where α ≥ `threshold`, else 0, as 8-bit grey;
 * - `cutout`: the image, opaque in the mask, with a soft edge where α is near `threshold` (`cutout`);
 * - `overlay`: the image with the mask tinted and outlined (`overlay`).
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns The PNG file's bytes.
 *
 * @example
 * ```ts
 * import { renderMask } from "./render.ts";
 *
 * const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
 * const png = await renderMask("cutout", red, Float32Array.of(1), 0.5);
 * console.assert(png[25] === 6); // PNG's colour type: RGBA
 * ```
 */
export function renderMask(
  kind: MaskKind,
  image: Image,
  alpha: Float32Array,
  threshold: number,
): Promise<Uint8Array> {
  const { width, height } = image;
  switch (kind) {
    case "alpha":
      return encodePng(alphaToGrey(alpha), width, height, 1);
    case "mask":
      return encodePng(thresholdMask(alpha, threshold), width, height, 1);
    case "cutout":
      return encodePng(cutout(image, alpha, threshold), width, height, 4);
    case "overlay":
      return encodePng(overlay(image, alpha, threshold), width, height, 3);
  }
}
