import { Buffer } from "node:buffer";
import { imageSize } from "npm:image-size@2.1.0";
import { UserError } from "../errors.ts";
import { type Image, toRgb } from "./image.ts";

/**
 * The most pixels that an image may have: 100 megapixels, 10,000 × 10,000. Decoding that many takes up
 * to 2 GB, and thirty bytes of header can claim any number.
 */
const MAX_PIXELS = 100e6;

/**
 * Decodes PNG, JPEG or a GIF's first frame. The codecs are WebAssembly, so a file made to attack a
 * decoder meets a sandbox. They are loaded on the first call.
 *
 * It reads every kind of PNG (palette, grey, 16 bits, interlaced), and baseline and progressive JPEG
 * in colour, grey and CMYK. Transparency is flattened over white; 16 bits are cut to 8; a JPEG's EXIF
 * orientation is applied; colour profiles and gamma are ignored, as if all were sRGB.
 *
 * @param bytes The whole file.
 * @param name The file's name in error messages, usually its path.
 * @returns An image of three channels.
 * @throws {UserError} The file is empty, damaged or cut short, of another format, without pixels, or
 * has more than 100 megapixels (its size is checked before its pixels are allocated); or memory runs
 * out.
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
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Image> {
  return await decodePixels(bytes, name, toRgb);
}

/** {@link decodeImage} with the file's transparency: RGBA from PNG and GIF, RGB from JPEG. */
export async function decodePixels(
  bytes: Uint8Array,
  name: string,
  convert = (image: Image) => image,
): Promise<Image> {
  const header = readHeader(bytes, name);
  const decode = await DECODERS[header.format]();
  try {
    return orient(convert(decode(bytes, header)), header.orientation);
  } catch (cause) {
    if (isOutOfMemory(cause, header)) {
      throw new UserError(
        `Cannot read image "${name}": not enough memory to decode ` +
          `${header.width}×${header.height} pixels`,
        "scale it down first",
        { cause },
      );
    }
    const format = { png: "PNG", jpg: "JPEG", gif: "GIF" }[header.format];
    throw new UserError(
      `Cannot read image "${name}": its ${format} data is damaged or cut short`,
      "open it in an image editor and save it again as PNG",
      { cause },
    );
  }
}

/** Bytes to stored image; throws whatever the codec throws. */
type Decode = (bytes: Uint8Array, header: ImageHeader) => Image;

/** The codec of each format. A fresh WebAssembly instance per call gives its memory back afterwards. */
const DECODERS: Record<ImageFormat, () => Promise<Decode>> = {
  async png() {
    const codec = await load<PngCodec>(import("npm:imagescript@1.3.1/wasm/node/png.js"));
    return (bytes) => {
      const { width, height, framebuffer } = codec.decode(bytes);
      // The codec checks every chunk it reads, but stops after the last row.
      if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(IEND) < 0) {
        throw new Error("png: no IEND chunk");
      }
      return { width, height, channels: 4, data: framebuffer };
    };
  },
  async jpg() {
    const codec = await load<JpegCodec>(import("npm:imagescript@1.3.1/wasm/node/jpeg.js"));
    return (bytes) => {
      const { width, height, format, buffer } = codec.decode(bytes);
      const data = format === 2 ? inkToRgb(buffer) : buffer;
      return { width, height, channels: format === 0 ? 1 : 3, data };
    };
  },
  async gif() {
    const codec = await load<GifCodec>(import("npm:imagescript@1.3.1/wasm/node/gif.js"));
    return (bytes, { width, height }) => {
      const frame = new codec.Decoder(bytes).frame();
      if (frame === null) throw new Error("gif: no frame");
      return { width, height, channels: 4, data: onCanvas(frame, width, height) };
    };
  },
};

const IEND = Uint8Array.of(0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82);

interface PngCodec {
  decode(bytes: Uint8Array): { width: number; height: number; framebuffer: Uint8Array };
}

interface JpegCodec {
  /** `format`: 0 grey, 1 RGB, 2 CMYK (255 is full ink). */
  decode(
    bytes: Uint8Array,
  ): { width: number; height: number; format: 0 | 1 | 2; buffer: Uint8Array };
}

/** RGBA pixels somewhere on the GIF's canvas. */
interface GifFrame {
  x: number;
  y: number;
  width: number;
  height: number;
  buffer: Uint8Array;
}

interface GifCodec {
  Decoder: new (bytes: Uint8Array) => { frame(): GifFrame | null };
}

/** The package has no types for these modules. */
async function load<Codec>(module: Promise<unknown>): Promise<Codec> {
  const { default: codec } = await module as { default: { init(): Promise<Codec> } };
  return await codec.init();
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

/** Lays a frame on a clear canvas, and cuts off what lies outside. */
function onCanvas(frame: GifFrame, width: number, height: number): Uint8Array {
  const canvas = new Uint8Array(4 * width * height);
  const columns = Math.min(frame.width, width - frame.x);
  const rows = Math.min(frame.height, height - frame.y);
  for (let y = 0; y < rows && columns > 0; y++) {
    const row = frame.buffer.subarray(4 * y * frame.width, 4 * (y * frame.width + columns));
    canvas.set(row, 4 * ((y + frame.y) * width + frame.x));
  }
  return canvas;
}

/** The formats that {@link decodeImage} reads. */
type ImageFormat = "png" | "jpg" | "gif";

/** The facts in an image's first bytes, known before anything is decoded. */
interface ImageHeader {
  format: ImageFormat;
  /** Stored columns and rows, before `orientation` is applied. */
  width: number;
  height: number;
  /** EXIF orientation, 1..8; 1 is upright. Read from JPEG only. */
  orientation: number;
}

/** Names of formats that `image-size` recognises and this project does not read. */
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
 * Reads format, size and orientation without decoding.
 *
 * @throws {UserError} The file is empty or of another format, or its image has no pixels, or too many.
 */
function readHeader(bytes: Uint8Array, name: string): ImageHeader {
  const fail = (found: string, hint: string, cause?: unknown) =>
    new UserError(`Cannot read image "${name}": ${found}`, hint, { cause });

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

/** Whether a file opens with the signature of a format this project reads. */
function startsLikeImage(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return start === "\x89PNG" || start.startsWith("\xff\xd8") || start === "GIF8";
}

/**
 * Turns an image upright: applies the EXIF orientation, 1..8, that a camera stored with it (TIFF 6.0,
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

/** The most bytes that a codec holds per pixel: the image as RGBA, and a working copy of it. */
const BYTES_PER_PIXEL = 8;

/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65536;

/** The PNG codec's message after a failed allocation; damaged data gives −2 and −8. */
const PNG_ALLOCATION = /^png: failed to decode \(-[46]\)$/;

/**
 * Tells a codec that ran out of memory from one that met damaged data. The codecs for JPEG and GIF trap
 * alike on both, so after a trap it tries to allocate the memory that the image needs.
 *
 * @param cause The error that the codec threw.
 */
function isOutOfMemory(cause: unknown, { width, height }: ImageHeader): boolean {
  if (cause instanceof RangeError) return true;
  if (cause instanceof WebAssembly.RuntimeError) return !isFree(BYTES_PER_PIXEL * width * height);
  return cause instanceof Error && PNG_ALLOCATION.test(cause.message);
}

function isFree(bytes: number): boolean {
  try {
    new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    return true;
  } catch {
    return false;
  }
}
