import { Buffer } from "node:buffer";
import { UserError } from "../errors.ts";
import { type ImageFormat, type ImageHeader, readHeader } from "./header.ts";
import type { Image } from "./image.ts";
import { orient } from "./orient.ts";
import { isOutOfMemory } from "./out_of_memory.ts";

/**
 * Decodes PNG, JPEG or a GIF's first frame. The codecs are WebAssembly, so a file made to attack a
 * decoder meets a sandbox; they are loaded on the first call.
 *
 * Every kind of PNG is read (palette, grey, 16 bits, interlaced), and baseline and progressive
 * JPEG in colour, grey and CMYK. Alpha is flattened over white; 16 bits are cut to 8; a JPEG's EXIF
 * orientation is applied; colour profiles and gamma are ignored, as if all were sRGB.
 *
 * @param bytes The whole file.
 * @param name What messages call it, usually its path.
 * @throws {UserError} The file is empty, damaged or cut short, of another format, without pixels,
 * or has more than `MAX_PIXELS` (the size is checked before anything of it is allocated); or memory
 * runs out.
 *
 * @example
 * ```ts
 * import { decodeImage } from "./decode.ts";
 *
 * const gif = "R0lGODlhAQABAPAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=";
 * const image = await decodeImage(Uint8Array.from(atob(gif), (c) => c.charCodeAt(0)), "dot.gif");
 * console.assert(image.width === 1 && image.data.join() === "255,0,0");
 * ```
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Image> {
  return await decodeWith(flatten, bytes, name);
}

/** {@link decodeImage}, with another way from RGBA to RGB. */
export async function decodeWith(
  toRgb: ToRgb,
  bytes: Uint8Array,
  name: string,
): Promise<Image> {
  const header = readHeader(bytes, name);
  const decode = await DECODERS[header.format](toRgb);
  try {
    return orient(decode(bytes, header), header.orientation);
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

/** What becomes of RGBA pixels. */
type ToRgb = (rgba: Uint8Array) => Uint8Array;

/** Bytes to stored image; throws whatever the codec throws. */
type Decode = (bytes: Uint8Array, header: ImageHeader) => Image;

/** One codec a format. A fresh WebAssembly instance a call gives its memory back afterwards. */
const DECODERS: Record<ImageFormat, (toRgb: ToRgb) => Promise<Decode>> = {
  async png(toRgb) {
    const codec = await load<PngCodec>(import("npm:imagescript@1.3.1/wasm/node/png.js"));
    return (bytes) => {
      const { width, height, framebuffer } = codec.decode(bytes);
      // The codec checks every chunk it reads, but stops after the last row.
      if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(IEND) < 0) {
        throw new Error("png: no IEND chunk");
      }
      return { width, height, data: toRgb(framebuffer) };
    };
  },
  async jpg() {
    const codec = await load<JpegCodec>(import("npm:imagescript@1.3.1/wasm/node/jpeg.js"));
    return (bytes) => {
      const { width, height, format, buffer } = codec.decode(bytes);
      return {
        width,
        height,
        data: [greyToRgb, (rgb: Uint8Array) => rgb, inkToRgb][format](buffer),
      };
    };
  },
  async gif(toRgb) {
    const codec = await load<GifCodec>(import("npm:imagescript@1.3.1/wasm/node/gif.js"));
    return (bytes, { width, height }) => {
      const frame = new codec.Decoder(bytes).frame();
      if (frame === null) throw new Error("gif: no frame");
      return { width, height, data: toRgb(onCanvas(frame, width, height)) };
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

/** RGBA over white: `c·a + 1·(1 − a)`. */
export function flatten(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    const a = rgba[from + 3];
    for (let c = 0; c < 3; c++) {
      rgb[to++] = Math.round((rgba[from + c] * a + 255 * (255 - a)) / 255);
    }
  }
  return rgb;
}

function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * grey.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = grey[Math.floor(i / 3)];
  return rgb;
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

/** A frame laid on a clear canvas; what lies outside is cut off. */
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
