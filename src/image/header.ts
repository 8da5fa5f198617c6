import { imageSize } from "npm:image-size@2.1.0";
import { UserError } from "../errors.ts";

/** The formats `decodeImage` reads. */
export type ImageFormat = "png" | "jpg" | "gif";

/** What an image's first bytes say of it, before anything is decoded. */
export interface ImageHeader {
  format: ImageFormat;
  /** Stored columns and rows, before `orientation` is applied. */
  width: number;
  height: number;
  /** EXIF orientation, 1..8; 1 is upright. Read from JPEG only. */
  orientation: number;
}

/**
 * The most pixels an image may have: 100 megapixels, 10,000 × 10,000. Decoding that takes up to
 * 2 GB; thirty bytes of header can claim any number.
 */
export const MAX_PIXELS = 100e6;

/** Names for what `image-size` recognises and this project does not read. */
const FOREIGN: Record<string, string> = {
  avif: "AVIF",
  heic: "HEIC",
  heif: "HEIF",
  jp2: "JPEG 2000",
  j2c: "JPEG 2000",
  jxl: "JPEG XL",
  "jxl-stream": "JPEG XL",
  pnm: "PNM",
  psd: "Photoshop",
  webp: "WebP",
};

/**
 * Reads format, size and orientation without decoding, and refuses what cannot or should not be
 * decoded: no bytes, another format, no pixels, more than `MAX_PIXELS`.
 *
 * @param bytes The whole file.
 * @param name What messages call it, usually its path.
 * @throws {UserError} With one line saying which of these it was.
 *
 * @example
 * ```ts
 * import { readHeader } from "./header.ts";
 *
 * const gif = new TextEncoder().encode("GIF89a\x03\x00\x02\x00");
 * console.assert(readHeader(gif, "x.gif").width === 3);
 * ```
 */
export function readHeader(bytes: Uint8Array, name: string): ImageHeader {
  const fail = (what: string, hint: string, cause?: unknown) =>
    new UserError(`Cannot read image "${name}": ${what}`, hint, { cause });

  if (bytes.length === 0) throw fail("the file is empty", "give a PNG or JPEG image");
  let size;
  try {
    size = imageSize(bytes);
  } catch (cause) {
    if (startsLikeImage(bytes)) {
      throw fail("its header is damaged or cut short", "save the image again", cause);
    }
    throw fail("it is not a PNG, JPEG or GIF image", "give a PNG or JPEG image", cause);
  }
  const { type, width, height } = size;
  if (type !== "png" && type !== "jpg" && type !== "gif") {
    const format = FOREIGN[type ?? ""] ?? String(type).toUpperCase();
    throw fail(`${format} is not supported`, "convert it to PNG or JPEG");
  }
  if (width === 0 || height === 0) {
    throw fail(`it has no pixels (${width}×${height})`, "give a PNG or JPEG image");
  }
  if (width * height > MAX_PIXELS) {
    throw fail(
      `${width}×${height} pixels are more than the limit of ${MAX_PIXELS / 1e6} megapixels`,
      "scale it down first",
    );
  }
  const { orientation = 1 } = size;
  return { format: type, width, height, orientation: orientation <= 8 ? orientation || 1 : 1 };
}

/** Whether the file opens with the signature of a format this project reads. */
function startsLikeImage(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return start === "\x89PNG" || start.startsWith("\xff\xd8") || start === "GIF8";
}
