import { decodeWith, flatten } from "./decode.ts";
import type { AlphaImage } from "./geometry.ts";

/** What red, green and blue weigh in a colour's brightness (Rec. ITU-R BT.709). */
const LUMA = [0.2126, 0.7152, 0.0722];

/**
 * Decodes an image as a mask: its alpha, if any pixel of it is not opaque, else its brightness, so
 * that what `segment` writes as alpha, mask or cutout can all be read. Formats are those of
 * `decodeImage`.
 *
 * @param bytes The whole file.
 * @param name What messages call it, usually its path.
 * @throws {UserError} As `decodeImage` does.
 *
 * @example
 * ```ts
 * import { decodeAlpha } from "./decode_alpha.ts";
 * import { encodePng } from "./encode.ts";
 *
 * const png = await encodePng(Uint8Array.of(0, 51, 255), 3, 1, 1);
 * const { alpha } = await decodeAlpha(png, "mask.png");
 * console.assert(alpha.every((a, i) => Math.abs(a - [0, 0.2, 1][i]) < 1e-6));
 * ```
 */
export async function decodeAlpha(bytes: Uint8Array, name: string): Promise<AlphaImage> {
  const { width, height, data } = await decodeWith(alphaOrColour, bytes, name);
  const alpha = Float32Array.from(
    { length: width * height },
    (_, i) => LUMA.reduce((sum, weight, c) => sum + weight * data[3 * i + c], 0) / 255,
  );
  return { width, height, alpha };
}

/** Alpha as grey, if any pixel is not opaque, else the colours. */
function alphaOrColour(rgba: Uint8Array): Uint8Array {
  const pixels = rgba.length / 4;
  const alphas = Uint8Array.from({ length: pixels }, (_, i) => rgba[4 * i + 3]);
  if (alphas.every((alpha) => alpha === 255)) return flatten(rgba);
  return Uint8Array.from({ length: 3 * pixels }, (_, i) => alphas[Math.floor(i / 3)]);
}
