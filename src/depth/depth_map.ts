import { Buffer } from "node:buffer";
import { UserError } from "../errors.ts";
import { bytesOf, decodeImage, type ImageSource } from "../image/decode.ts";
import { alphaToSquare, type SquareMode } from "../image/geometry.ts";
import { type Image, toRgb } from "../image/image.ts";
import { readPng } from "../image/png.ts";

/**
 * The depth of each pixel of an image, in any unit, rising or falling with the distance: the blur that
 * follows a depth map only sees how much neighbours differ, as a part of the whole range.
 */
export interface DepthMap {
  /** Columns, as many as the image has. */
  readonly width: number;
  /** Rows, as many as the image has. */
  readonly height: number;
  /** (height, width), row-major, finite. */
  readonly depth: Float32Array;
}

/**
 * Decodes an image whose brightness is depth, as MiDaS writes it. Formats are those of `decodeImage`; a
 * PNG of 16 bits, as depth cameras give millimetres, keeps its precision.
 *
 * @param source The whole file.
 * @param name The file's name in error messages, usually its path.
 * @returns Depth in 0..255, or 0..65535 from 16 bits.
 * @throws {UserError} As `decodeImage` does.
 *
 * @example
 * ```ts
 * import { encodePng, models } from "../../mod.ts";
 *
 * const png = await encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 51) });
 * console.assert((await models.decodeDepth(png, "depth.png")).depth.join() === "0,51");
 * ```
 */
export async function decodeDepth(source: ImageSource, name = "depth map"): Promise<DepthMap> {
  const bytes = await bytesOf(source);
  const image = await decodeImage(bytes, name);
  const { width, height } = image;
  const deep = await decodeDeepPng(bytes);
  const [data, channels] = deep ? [deep, 4] : [toRgb(image).data, 3];
  const depth = Float32Array.from(
    { length: width * height },
    (_, i) => (data[channels * i] + data[channels * i + 1] + data[channels * i + 2]) / 3,
  );
  return { width, height, depth };
}

/**
 * RGBA of 16 bits per channel, which the codec of `decodeImage` cuts to 8; undefined unless the file is
 * a PNG of 16 bits per sample that is stored upright.
 */
async function decodeDeepPng(bytes: Uint8Array): Promise<ArrayLike<number> | undefined> {
  if (bytes[0] !== 0x89) return undefined;
  const { depth, orientation, normalized } = readPng(bytes);
  if (depth !== 16 || orientation !== 1) return undefined;
  const { PNG }: typeof import("npm:@types/pngjs@6.0.5") = await import("npm:pngjs@7.0.0");
  return PNG.sync.read(Buffer.from(normalized), { skipRescale: true }).data;
}

/**
 * Makes the guide of a blur from a depth map: scaled to 0..1 and brought to the square as `toSquare`
 * brings the image. The guide is ½ where `pad` has no image, and 0 everywhere if all is equally far.
 *
 * @returns (size, size), 0..1.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * const map = { width: 2, height: 1, depth: Float32Array.of(10, 30) };
 * console.assert(models.depthToSquare(map, 2, "scale").join() === "0,1,0,1");
 * ```
 */
export function depthToSquare(
  { width, height, depth }: DepthMap,
  size: number,
  mode: SquareMode,
): Float32Array<ArrayBuffer> {
  let least = Infinity, most = -Infinity;
  for (const value of depth) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const range = most > least ? most - least : 1;
  const alpha = depth.map((value) => (value - least) / range);
  return alphaToSquare({ width, height, alpha }, size, mode);
}

/**
 * Checks that a depth map can belong to an image.
 *
 * @param name The map's name in messages.
 * @throws {UserError} It has another size, or a value that is not finite.
 */
export function checkDepth(
  { width, height, depth }: DepthMap,
  image: Image,
  name: string = "The depth map",
) {
  if (width !== image.width || height !== image.height) {
    throw new UserError(
      `${name} has ${width}×${height} pixels: wanted the image's ${image.width}×${image.height}`,
      "give a depth map of this image",
    );
  }
  if (depth.length !== width * height || !depth.every(Number.isFinite)) {
    throw new UserError(
      `${name} of ${width}×${height} pixels is invalid: wanted ${width * height} finite numbers`,
      "use decodeDepth, or give one number per pixel",
    );
  }
}
