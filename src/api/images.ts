/**
 * More images: masks read and drawn in other ways, contact sheets, animated GIFs, and the way from an
 * image to the model's square and back.
 *
 * @module
 */
export type { Colour } from "../image/image.ts";
export type { Layer } from "../generate.ts";
export type { GridImages } from "../grid.ts";
export type { DecodeOptions, ImageSource } from "../image/decode.ts";
export { GROUNDS, onGround } from "../image/ground.ts";
export { decodeAlpha } from "../image/decode_alpha.ts";
export { contactSheet } from "../image/contact_sheet.ts";
export { type GifEncoder, openGif } from "../image/encode_gif.ts";
export {
  type AlphaImage,
  alphaToSquare,
  fromSquare,
  type SquareMode,
  toSquare,
} from "../image/geometry.ts";
export { alphaToGrey } from "../mask/cutout.ts";
export { type LabelMap, labelMap } from "../mask/label_map.ts";
export { overCheckerboard } from "../mask/overlay.ts";
export { coverage } from "../mask/threshold.ts";
export type { Verdict } from "../mask/verdict.ts";
