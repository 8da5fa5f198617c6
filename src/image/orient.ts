import type { Image } from "./image.ts";

/**
 * Turns an image upright: applies the EXIF orientation a camera stored with it (TIFF 6.0, tag
 * 0x0112), so that the result is what a viewer shows.
 *
 * @param image The image as stored.
 * @param orientation 1..8; 1 gives the same image back.
 * @returns The upright image; 5..8 swap width and height.
 *
 * @example
 * ```ts
 * import { orient } from "./orient.ts";
 *
 * const turned = orient({ width: 2, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2) }, 6);
 * console.assert(turned.width === 1 && turned.height === 2);
 * ```
 */
export function orient(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { width: w, height: h, data } = image;
  // The stored pixel that becomes the upright one at (0, 0), and the steps to take through the
  // stored pixels for one step right and one step down in the upright image.
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
      const from = 3 * (origin + x * right + y * down);
      upright[to++] = data[from];
      upright[to++] = data[from + 1];
      upright[to++] = data[from + 2];
    }
  }
  return { width, height, data: upright };
}
