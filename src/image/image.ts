/**
 * A decoded image: 8-bit sRGB, interleaved, opaque, upright, rows from the top.
 *
 * 8 bits are what the codecs give and what the cutout and the overlay write back unchanged, at a
 * quarter of the memory floats would take; the model's own image is small, and is made as floats
 * straight from these bytes (`toSquare`). There is no alpha channel: it has been flattened over
 * white, so no stage has to ask what a clear pixel looks like.
 *
 * @example
 * ```ts
 * import type { Image } from "./image.ts";
 *
 * const red: Image = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
 * console.assert(red.data.length === 3 * red.width * red.height);
 * ```
 */
export interface Image {
  /** Columns, in pixels, at least 1. */
  readonly width: number;
  /** Rows, in pixels, at least 1. */
  readonly height: number;
  /** `R G B R G B …`, 0..255, `3 · width · height` long. */
  readonly data: Uint8Array;
}
