import { UserError } from "../errors.ts";

/** A colour: red, green and blue, 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * An image: 8-bit sRGB, interleaved, upright, rows from the top.
 *
 * The codecs give 8 bits per channel, and they take a quarter of the memory of floats. A model's input
 * is small, and `toSquare` makes it as floats straight from these bytes.
 *
 * @example
 * ```ts
 * import { encodePng, type Image } from "../../mod.ts";
 *
 * const red: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) };
 * console.assert((await encodePng(red)).length > 0);
 * ```
 */
export interface Image {
  /** Columns, in pixels, at least 1. */
  readonly width: number;
  /** Rows, in pixels, at least 1. */
  readonly height: number;
  /** Grey (1), RGB (3), or RGBA whose colours are not multiplied by their alpha (4). */
  readonly channels: 1 | 3 | 4;
  /** 0..255, `channels · width · height` long. */
  readonly data: Uint8Array;
  /** 1 to 256 colours. If there is a palette, `channels` is 1, and `data` holds indices into it. */
  readonly palette?: readonly Colour[] | undefined;
}

/**
 * Checks that the pixels of an image fill it.
 *
 * @throws {UserError} They do not, or an image cannot have such a size or number of channels.
 */
export function checkImage({ width, height, channels, data, palette }: Image) {
  const whole = (size: number) => Number.isInteger(size) && size >= 1;
  const length = channels * width * height;
  if (!whole(width) || !whole(height) || ![1, 3, 4].includes(channels) || data.length !== length) {
    throw new UserError(
      `Invalid image of ${width}×${height} pixels, ${channels} channels and ${data.length} bytes: ` +
        "wanted 1, 3 or 4 channels and as many bytes per pixel",
      "use decodeImage, or give interleaved pixels and the number of their channels",
    );
  }
  if (!palette) return;
  const most = data.reduce((most, index) => Math.max(most, index), 0);
  if (channels === 1 && most < palette.length && palette.length <= 256) return;
  throw new UserError(
    `Invalid image with a palette of ${palette.length} colours: wanted 1 channel of indices into ` +
      `1 to 256 colours, found ${channels} and indices up to ${most}`,
    "leave the palette out, or give as many colours as there are indices",
  );
}

/**
 * Checks that a mask has the size of an image.
 *
 * @throws {UserError} It has another.
 */
export function checkAlpha(
  { width, height }: Pick<Image, "width" | "height">,
  alpha: Float32Array,
) {
  if (alpha.length === width * height) return;
  throw new UserError(
    `Invalid mask of ${alpha.length} numbers for ${width}×${height} pixels: wanted one per pixel`,
    "give the mask of this very image; fromSquare brings a frame's mask to it",
  );
}

/**
 * The image in three channels: grey three times, a palette's colours, RGBA over white. An image that
 * is RGB is returned itself.
 *
 * @throws {UserError} Its pixels do not fill it.
 */
export function toRgb(image: Image): Image {
  checkImage(image);
  const { width, height, channels, data, palette } = image;
  if (channels === 3) return image;
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0, to = 0; to < rgb.length; i++) {
    // c·a + 1·(1 − a)
    const a = channels === 4 ? data[4 * i + 3] : 255;
    for (let c = 0; c < 3; c++) {
      const value = channels === 4 ? data[4 * i + c] : palette ? palette[data[i]][c] : data[i];
      rgb[to++] = Math.round((value * a + 255 * (255 - a)) / 255);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

/**
 * The image of planar floats: rounded to 8 bits, values out of 0..1 clamped.
 *
 * @param planes (3, height, width), 0..1.
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
  return { width, height, channels: 3, data };
}
