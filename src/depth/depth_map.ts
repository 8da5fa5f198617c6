import { UserError } from "../errors.ts";
import { decodeImage } from "../image/decode.ts";
import { alphaToSquare, type SquareMode } from "../image/geometry.ts";
import type { Image } from "../image/image.ts";

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
 * Decodes an image whose brightness is depth, as MiDaS writes them. Formats are those of
 * `decodeImage`.
 *
 * @param bytes The whole file.
 * @param name The image's name in messages, usually its path.
 * @throws {UserError} As `decodeImage` does.
 *
 * @example
 * ```ts
 * import { encodePng } from "../image/encode.ts";
 * import { decodeDepth } from "./depth_map.ts";
 *
 * const png = await encodePng(Uint8Array.of(0, 51), 2, 1, 1);
 * console.assert((await decodeDepth(png, "depth.png")).depth.join() === "0,51");
 * ```
 */
export async function decodeDepth(bytes: Uint8Array, name: string): Promise<DepthMap> {
  const { width, height, data } = await decodeImage(bytes, name);
  const depth = Float32Array.from(
    { length: width * height },
    (_, i) => (data[3 * i] + data[3 * i + 1] + data[3 * i + 2]) / 3,
  );
  return { width, height, depth };
}

/**
 * Makes the guide of a blur from a depth map: scaled to 0..1 and brought to the square as `toSquare`
 * brings the image. The guide is ½ where `pad` has no image, and 0 everywhere if all is equally far.
 *
 * @returns (size, size), 0..1.
 *
 * @example
 * ```ts
 * import { depthToSquare } from "./depth_map.ts";
 *
 * const map = { width: 2, height: 1, depth: Float32Array.of(10, 30) };
 * console.assert(depthToSquare(map, 2, "scale").join() === "0,1,0,1");
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
