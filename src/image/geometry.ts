import { type Image, toRgb } from "./image.ts";
import { type Pixels, type Rect, resample } from "./resample.ts";

/**
 * How an image of any shape meets the model's square:
 * - `crop`: the largest centred square of the image; pixels outside it are never part of a mask.
 * - `scale`: the whole image, stretched.
 * - `pad`: the whole image in its own proportions, centred; the rest of the square is mid-grey (½,
 *   which an encoder sees as 0), and the mask of that rest is dropped.
 */
export type SquareMode = "crop" | "scale" | "pad";

/** The values `SquareMode` takes, for option parsers. */
export const SQUARE_MODES = ["crop", "scale", "pad"] as const satisfies readonly SquareMode[];

/** The rectangle of the image that becomes a rectangle of the square. */
interface Placement {
  image: Rect;
  square: Rect;
}

/**
 * The image as the model sees it.
 *
 * @param size Columns and rows of the square, at least 1.
 * @returns (3, size, size) planar RGB in 0..1, antialiased (`resample`).
 *
 * @example
 * ```ts
 * import { type Image, images } from "../../mod.ts";
 *
 * const data = Uint8Array.of(255, 0, 0, 0, 0, 255);
 * const wide: Image = { width: 2, height: 1, channels: 3, data };
 * console.assert(images.toSquare(wide, 1, "scale").join() === "0.5,0,0.5");
 * ```
 */
export function toSquare(image: Image, size: number, mode: SquareMode): Float32Array<ArrayBuffer> {
  return intoSquare(toRgb(image), size, mode).map((value) => value / 255);
}

/** A mask of an image, in the image's own geometry. */
export interface AlphaImage {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** α, (height, width), row-major, 0..1. */
  readonly alpha: Float32Array;
}

/**
 * Brings a mask to the square, as {@link toSquare} brings the image that it belongs to; ½ where `pad`
 * has no image.
 *
 * @returns (size, size), in the mask's own range.
 *
 * @example
 * ```ts
 * import { images } from "../../mod.ts";
 *
 * const wide = { width: 2, height: 1, alpha: Float32Array.of(1, 0) };
 * console.assert(images.alphaToSquare(wide, 2, "scale").join() === "1,0,1,0");
 * ```
 */
export function alphaToSquare(
  { width, height, alpha }: AlphaImage,
  size: number,
  mode: SquareMode,
): Float32Array<ArrayBuffer> {
  return intoSquare({ width, height, channels: 1, data: alpha }, size, mode, 0.5);
}

/** Planar, (channels, size, size), with `ground` where there is no image. */
function intoSquare(
  pixels: Pixels,
  size: number,
  mode: SquareMode,
  ground = 127.5,
): Float32Array<ArrayBuffer> {
  const { channels } = pixels;
  const { image, square } = place(pixels, size, mode);
  const resampled = resample(pixels, image, square.width, square.height);
  const planes = new Float32Array(channels * size * size).fill(ground);
  for (let y = 0; y < square.height; y++) {
    for (let x = 0; x < square.width; x++) {
      const from = channels * (y * square.width + x);
      const to = (y + square.y) * size + x + square.x;
      for (let c = 0; c < channels; c++) planes[c * size * size + to] = resampled[from + c];
    }
  }
  return planes;
}

/**
 * Brings a mask over the square back to the image that it belongs to, the way of `toSquare` backwards,
 * and enlarges it bilinearly.
 *
 * @param mask (size, size), of any size: it need not be the size that the model saw.
 * @param shape The image's width and height.
 * @returns (height, width), in the mask's own range; 0 where `crop` left the image out.
 *
 * @example
 * ```ts
 * import { images } from "../../mod.ts";
 *
 * const mask = images.fromSquare(Float32Array.of(1), 1, { width: 3, height: 1 }, "crop");
 * console.assert(mask.join() === "0,1,0");
 * ```
 */
export function fromSquare(
  mask: Float32Array,
  size: number,
  shape: { width: number; height: number },
  mode: SquareMode,
): Float32Array<ArrayBuffer> {
  const { image, square } = place(shape, size, mode);
  const pixels = { width: size, height: size, channels: 1, data: mask };
  const resampled = resample(pixels, square, image.width, image.height);
  const out = new Float32Array(shape.width * shape.height);
  for (let y = 0; y < image.height; y++) {
    const row = resampled.subarray(y * image.width, (y + 1) * image.width);
    out.set(row, (y + image.y) * shape.width + image.x);
  }
  return out;
}

/** The values of a mask over the square that lie on the image: all but those in the margins of `pad`. */
export function withoutPadding(
  mask: Float32Array,
  size: number,
  shape: { width: number; height: number },
  mode: SquareMode,
): Float32Array {
  const { square } = place(shape, size, mode);
  if (square.width === size && square.height === size) return mask;
  const kept = new Float32Array(square.width * square.height);
  for (let y = 0; y < square.height; y++) {
    const start = (y + square.y) * size + square.x;
    kept.set(mask.subarray(start, start + square.width), y * square.width);
  }
  return kept;
}

/** The placement of an image in whole pixels, so that the way back undoes the way there exactly. */
function place(
  { width, height }: { width: number; height: number },
  size: number,
  mode: SquareMode,
): Placement {
  const whole = { x: 0, y: 0, width, height };
  const full = { x: 0, y: 0, width: size, height: size };
  if (mode === "scale") return { image: whole, square: full };
  if (mode === "crop") {
    const side = Math.min(width, height);
    return { image: centred(side, side, whole), square: full };
  }
  const scale = size / Math.max(width, height);
  const fit = (length: number) => Math.max(1, Math.round(length * scale));
  return { image: whole, square: centred(fit(width), fit(height), full) };
}

function centred(width: number, height: number, frame: Rect): Rect {
  return {
    x: Math.floor((frame.width - width) / 2),
    y: Math.floor((frame.height - height) / 2),
    width,
    height,
  };
}
