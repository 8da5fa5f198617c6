import process from "node:process";

/** The formats that can be decoded. */
export type Format = "PNG" | "JPEG" | "GIF";

/** Pixels as a codec gives them: interleaved, 8 bits per channel, rows from the top. */
export interface StoredPixels {
  readonly width: number;
  readonly height: number;
  /** 255 is light for grey and RGB, full ink for CMYK, opaque for A. */
  readonly space: "grey" | "rgb" | "rgba" | "cmyk";
  readonly data: Uint8Array;
}

/** A canvas that frames are laid on. */
interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** Decodes a whole file; throws errors of the codec's own, and {@link isOutOfMemory} tells what they mean. */
type Decode = (bytes: Uint8Array, canvas: Canvas) => StoredPixels;

/**
 * Loads the codec of each format: WebAssembly, so that a file made to attack a decoder meets a sandbox.
 * Each call has an instance of its own, which gives its memory back.
 */
export const CODECS: Readonly<Record<Format, () => Promise<Decode>>> = {
  async PNG() {
    const codec = await load<PngCodec>(() => import("npm:imagescript@1.3.1/wasm/node/png.js"));
    return (bytes) => {
      const { width, height, framebuffer } = codec.decode(bytes);
      return { width, height, space: "rgba", data: framebuffer };
    };
  },
  async JPEG() {
    const codec = await load<JpegCodec>(() => import("npm:imagescript@1.3.1/wasm/node/jpeg.js"));
    return (bytes) => {
      const { width, height, format, buffer } = codec.decode(bytes);
      return { width, height, space: (["grey", "rgb", "cmyk"] as const)[format], data: buffer };
    };
  },
  async GIF() {
    const codec = await load<GifCodec>(() => import("npm:imagescript@1.3.1/wasm/node/gif.js"));
    return (bytes, canvas) => {
      const frame = new codec.Decoder(bytes).frame();
      if (frame === null) throw new Error("gif: no frame");
      const { width, height } = canvas;
      return { width, height, space: "rgba", data: onCanvas(frame, canvas) };
    };
  },
};

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

/**
 * Imports a codec. The package has no types for these modules, and each asks the environment which
 * variant of its WebAssembly to take. Without permission to read the environment, it sees an empty one.
 */
async function load<Codec>(module: () => Promise<unknown>): Promise<Codec> {
  const { env } = process;
  const descriptor = { name: "env", variable: "IMAGESCRIPT_WASM_SIMD" } as const;
  const { state } = await Deno.permissions.query(descriptor);
  if (state !== "granted") process.env = {};
  try {
    const { default: codec } = await module() as { default: { init(): Promise<Codec> } };
    return await codec.init();
  } finally {
    process.env = env;
  }
}

/** Lays a frame on a clear canvas, and cuts off what lies outside. */
function onCanvas(frame: GifFrame, { width, height }: Canvas): Uint8Array {
  const canvas = new Uint8Array(4 * width * height);
  const columns = Math.min(frame.width, width - frame.x);
  const rows = Math.min(frame.height, height - frame.y);
  for (let y = 0; y < rows && columns > 0; y++) {
    const row = frame.buffer.subarray(4 * y * frame.width, 4 * (y * frame.width + columns));
    canvas.set(row, 4 * ((y + frame.y) * width + frame.x));
  }
  return canvas;
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
export function isOutOfMemory(cause: unknown, { width, height }: Canvas): boolean {
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
