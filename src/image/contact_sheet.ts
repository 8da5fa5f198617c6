import type { Image } from "./image.ts";

/**
 * Images of one size in rows and columns on white.
 *
 * @param rows Of equal length; nothing is drawn where there is no image, and at least one is there.
 * @param gap Pixels between images.
 *
 * @example
 * ```ts
 * import { contactSheet } from "./contact_sheet.ts";
 *
 * const black = { width: 1, height: 1, data: new Uint8Array(3) };
 * const sheet = contactSheet([[undefined, black]], 1);
 * console.assert(sheet.width === 3 && sheet.data.join() === "255,255,255,255,255,255,0,0,0");
 * ```
 */
export function contactSheet(
  rows: readonly (readonly (Image | undefined)[])[],
  gap: number,
): Image {
  const { width: w, height: h } = rows.flat().find((image) => image !== undefined)!;
  const columns = rows[0].length;
  const [width, height] = [columns * (w + gap) - gap, rows.length * (h + gap) - gap];
  const data = new Uint8Array(3 * width * height).fill(255);
  rows.forEach((row, r) =>
    row.forEach((image, c) => {
      if (!image) return;
      for (let y = 0; y < h; y++) {
        const line = image.data.subarray(3 * y * w, 3 * (y + 1) * w);
        data.set(line, 3 * ((r * (h + gap) + y) * width + c * (w + gap)));
      }
    })
  );
  return { width, height, data };
}
