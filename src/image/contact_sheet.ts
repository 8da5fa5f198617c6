import { UserError } from "../errors.ts";
import { type Image, toRgb } from "./image.ts";

/**
 * Images of one size in rows and columns on white.
 *
 * @param rows Of equal length. A place stays white where there is no image; at least one image is given.
 * @param gap Pixels between images.
 * @returns An image of three channels.
 * @throws {UserError} There is no image, or the images differ in size.
 *
 * @example
 * ```ts
 * import { type Image, images } from "../../mod.ts";
 *
 * const black: Image = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) };
 * const sheet = images.contactSheet([[undefined, black]], 1);
 * console.assert(sheet.width === 3 && sheet.data.join() === "255,255,255,255,255,255,0,0,0");
 * ```
 */
export function contactSheet(
  rows: readonly (readonly (Image | undefined)[])[],
  gap: number,
): Image {
  const images = rows.flat().filter((image) => image !== undefined);
  const [{ width: w, height: h } = { width: 0, height: 0 }] = images;
  if (images.length === 0 || images.some(({ width, height }) => width !== w || height !== h)) {
    const sizes = new Set(images.map(({ width, height }) => `${width}×${height}`));
    throw new UserError(
      `Invalid contact sheet of ${images.length} images: wanted at least one, all of one size` +
        (sizes.size > 0 ? `, found ${[...sizes].join(", ")} pixels` : ""),
      "give images of one size",
    );
  }
  const columns = rows[0].length;
  const [width, height] = [columns * (w + gap) - gap, rows.length * (h + gap) - gap];
  const data = new Uint8Array(3 * width * height).fill(255);
  rows.forEach((row, r) =>
    row.forEach((image, c) => {
      if (!image) return;
      const rgb = toRgb(image);
      for (let y = 0; y < h; y++) {
        const line = rgb.data.subarray(3 * y * w, 3 * (y + 1) * w);
        data.set(line, 3 * ((r * (h + gap) + y) * width + c * (w + gap)));
      }
    })
  );
  return { width, height, channels: 3, data };
}
