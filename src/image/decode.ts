import { UserError } from "../errors.ts";
import { CODECS, type Format, isOutOfMemory, type StoredPixels } from "./codecs.ts";
import { toSrgb } from "./colour_profile.ts";
import { readGif } from "./gif.ts";
import type { Image } from "./image.ts";
import { readJpeg, UnsupportedJpeg } from "./jpeg.ts";
import { readPng } from "./png.ts";

/**
 * The most pixels that an image may have: 100 megapixels, 10,000 × 10,000. Decoding that many takes up
 * to 2 GB, and thirty bytes of header can claim any number.
 */
const MAX_PIXELS = 100e6;

/** An image file's bytes: a buffer, a part of one, such as a `Uint8Array`, or a `Blob`. */
export type ImageSource = ArrayBufferLike | ArrayBufferView | Blob;

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /** Receives a line where colours may be off: a colour profile that cannot be applied. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Decodes PNG, JPEG or a GIF's first frame, as viewers show it.
 *
 * It reads every kind of PNG (palette, grey, 16 bits, interlaced; of an animation the default image),
 * and baseline and progressive JPEG in colour, grey and CMYK. Exif's orientation is applied; an ICC
 * profile is converted to sRGB; 16 bits are cut to 8.
 *
 * @param source The whole file.
 * @param name The file's name in error messages, usually its path.
 * @returns An image of four channels if any of its pixels is not opaque, else of three.
 * @throws {UserError} The file is empty, damaged or cut short, of another format or a kind of JPEG that
 * is not supported, without pixels, or has more than 100 megapixels (its size is checked before its
 * pixels are allocated); or memory runs out.
 *
 * @example
 * ```ts
 * import { decodeImage } from "../../mod.ts";
 *
 * const gif = "R0lGODlhAQABAPAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=";
 * const image = await decodeImage(Uint8Array.from(atob(gif), (c) => c.charCodeAt(0)), "dot.gif");
 * console.assert(image.width === 1 && image.data.join() === "255,0,0");
 * ```
 */
export async function decodeImage(
  source: ImageSource,
  name = "image",
  { onWarning }: DecodeOptions = {},
): Promise<Image> {
  const bytes = await bytesOf(source);
  const header = await readHeader(bytes, name);
  const { format, width, height, normalized, profile, orientation } = header;
  const decode = await CODECS[format]();
  let pixels;
  try {
    pixels = decode(normalized, { width, height });
    const image = await inSrgb(pixels, profile, () =>
      onWarning?.(
        `Cannot apply the colour profile of image "${name}": colours are taken as sRGB`,
      ));
    return orient(image, orientation);
  } catch (cause) {
    if (isOutOfMemory(cause, header)) {
      throw new UserError(
        `Cannot read image "${name}": not enough memory to decode ${width}×${height} pixels`,
        "scale it down first",
        { cause },
      );
    }
    throw pixels ? cause : damaged(name, format, cause);
  }
}

/** The bytes of a source, of which only a `Blob` has to be copied. */
export async function bytesOf(source: ImageSource): Promise<Uint8Array> {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (!ArrayBuffer.isView(source)) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

/** The facts in an image's header, known before anything is decoded. */
interface Header {
  readonly format: Format;
  /** Stored columns and rows, before `orientation` is applied. */
  readonly width: number;
  readonly height: number;
  /** Exif orientation, 1..8; 1 is upright. */
  readonly orientation: number;
  /** The ICC profile, if there is one. */
  readonly profile: Uint8Array | undefined;
  /** The file without what a codec could take amiss. */
  readonly normalized: Uint8Array;
}

const READERS: Readonly<Record<Format, (bytes: Uint8Array) => Omit<Header, "format">>> = {
  PNG: readPng,
  JPEG: readJpeg,
  GIF: (bytes) => ({ ...readGif(bytes), orientation: 1, profile: undefined }),
};

/**
 * Reads a file's header without decoding its pixels.
 *
 * @throws {UserError} The file is empty or of another format, or its image has no pixels, or too many.
 */
async function readHeader(bytes: Uint8Array, name: string): Promise<Header> {
  const fail = (found: string, hint: string, cause?: unknown) =>
    new UserError(`Cannot read image "${name}": ${found}`, hint, { cause });

  if (bytes.length === 0) throw fail("the file is empty", "give a PNG or JPEG image");
  const format = formatOf(bytes);
  if (!format) {
    const foreign = await foreignFormat(bytes);
    throw foreign
      ? fail(`${foreign} is not supported`, "convert it to PNG or JPEG")
      : fail("it is not a PNG, JPEG or GIF image", "give a PNG or JPEG image");
  }
  let header;
  try {
    header = READERS[format](bytes);
  } catch (cause) {
    if (cause instanceof UnsupportedJpeg) throw fail(cause.message, "save it again as PNG", cause);
    throw damaged(name, format, cause);
  }
  const { width, height } = header;
  if (width === 0 || height === 0) {
    throw fail(`it has no pixels (${width}×${height})`, "give a PNG or JPEG image");
  }
  if (width * height > MAX_PIXELS) {
    throw fail(
      `${width}×${height} pixels are more than the limit of ${MAX_PIXELS / 1e6} megapixels`,
      "scale it down first",
    );
  }
  return { format, ...header };
}

function damaged(name: string, format: Format, cause: unknown): UserError {
  return new UserError(
    `Cannot read image "${name}": its ${format} data is damaged or cut short`,
    "open it in an image editor and save it again as PNG",
    { cause },
  );
}

function formatOf(bytes: Uint8Array): Format | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (start === "\x89PNG") return "PNG";
  if (start.startsWith("\xff\xd8")) return "JPEG";
  return start === "GIF8" ? "GIF" : undefined;
}

/** Names of formats whose name in `image-size` is not their own in lower case. */
const FOREIGN: Readonly<Record<string, string>> = {
  jp2: "JPEG 2000",
  j2c: "JPEG 2000",
  jxl: "JPEG XL",
  "jxl-stream": "JPEG XL",
  psd: "Photoshop",
  webp: "WebP",
};

/** The name of a format that is recognised and not read. */
async function foreignFormat(bytes: Uint8Array): Promise<string | undefined> {
  const { imageSize } = await import("npm:image-size@2.1.0");
  try {
    const { type = "" } = imageSize(bytes);
    return FOREIGN[type] ?? (type.toUpperCase() || undefined);
  } catch {
    // It throws for whatever it does not recognise.
    return undefined;
  }
}

/** A codec's pixels as an image in sRGB. `onUnusable` is called for a profile that does not fit. */
async function inSrgb(
  { width, height, space, data }: StoredPixels,
  profile: Uint8Array | undefined,
  onUnusable: () => void,
): Promise<Image> {
  const pixels = width * height;
  const stored = space === "rgba" ? channelsOf(data, 4, [0, 1, 2]) : data;
  let rgb;
  if (profile) {
    rgb = await toSrgb({ space: space === "rgba" ? "rgb" : space, data: stored }, profile);
    if (!rgb && space === "rgba") {
      // The codec has spread a grey image over three channels.
      rgb = await toSrgb({ space: "grey", data: channelsOf(data, 4, [0]) }, profile);
    }
    if (!rgb) onUnusable();
  }
  rgb ??= space === "cmyk"
    ? inkToRgb(stored)
    : space === "grey"
    ? channelsOf(stored, 1, [0, 0, 0])
    : stored;

  const opaque = space !== "rgba" || data.every((value, i) => i % 4 < 3 || value === 255);
  if (opaque) return { width, height, channels: 3, data: rgb };
  const rgba = data.slice();
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = rgb[3 * i + c];
  }
  return { width, height, channels: 4, data: rgba };
}

/** Some of the channels of pixels that have `count` each, in the order given. */
function channelsOf(data: Uint8Array, count: number, chosen: readonly number[]): Uint8Array {
  const result = new Uint8Array(data.length / count * chosen.length);
  for (let from = 0, to = 0; from < data.length; from += count) {
    for (const channel of chosen) result[to++] = data[from + channel];
  }
  return result;
}

/** CMYK without a profile: each ink takes its complement away, black takes from all. */
function inkToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(cmyk.length / 4 * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    const light = 255 - cmyk[from + 3];
    for (let c = 0; c < 3; c++) rgb[to++] = Math.round((255 - cmyk[from + c]) * light / 255);
  }
  return rgb;
}

/**
 * Turns an image upright: applies the Exif orientation, 1..8, that a camera stored with it (TIFF 6.0,
 * tag 0x0112). Orientations 5..8 swap width and height.
 */
function orient(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { width: w, height: h, channels, data } = image;
  // The stored pixel that becomes the upright one at (0, 0), and the steps through the stored pixels
  // that make one step right and one step down in the upright image.
  const [origin, right, down] = [
    [0, 1, w],
    [w - 1, -1, w],
    [w * h - 1, -1, -w],
    [w * (h - 1), 1, -w],
    [0, w, 1],
    [w * (h - 1), -w, 1],
    [w * h - 1, -w, -1],
    [w - 1, w, -1],
  ][orientation - 1];
  const [width, height] = orientation >= 5 ? [h, w] : [w, h];
  const upright = new Uint8Array(data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = channels * (origin + x * right + y * down);
      for (let c = 0; c < channels; c++) upright[to++] = data[from + c];
    }
  }
  return { width, height, channels, data: upright };
}
