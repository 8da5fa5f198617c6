import type { Image } from "./image.ts";
import { resample } from "./resample.ts";

/**
 * The image, made smaller if its longer side is more than `side` pixels; itself otherwise.
 *
 * @example
 * ```ts
 * import { shrink } from "./shrink.ts";
 *
 * const wide = { width: 4, height: 2, data: new Uint8Array(24).fill(9) };
 * const { width, height, data } = shrink(wide, 2);
 * console.assert(width === 2 && height === 1 && data.join() === "9,9,9,9,9,9");
 * ```
 */
export function shrink(image: Image, side: number): Image {
  const { width, height } = image;
  const longer = Math.max(width, height);
  if (longer <= side) return image;
  const fit = (length: number) => Math.max(1, Math.round(length * side / longer));
  const small = { width: fit(width), height: fit(height) };
  const whole = { x: 0, y: 0, width, height };
  const data = resample({ ...image, channels: 3 }, whole, small.width, small.height);
  return { ...small, data: Uint8Array.from(data, Math.round) };
}
