import { decodeImage, type ImageSource } from "./decode.ts";
import type { AlphaImage } from "./geometry.ts";
import { toRgb } from "./image.ts";

/** The weights of red, green and blue in a colour's brightness (Rec. ITU-R BT.709). */
const LUMA = [0.2126, 0.7152, 0.0722];

/**
 * Decodes an image as a mask: its alpha if any of its pixels is not opaque, else its brightness. So it
 * reads whatever `segment` writes as alpha, mask or cutout. Formats are those of `decodeImage`.
 *
 * @param source The whole file.
 * @param name The file's name in error messages, usually its path.
 * @throws {UserError} As `decodeImage` does.
 *
 * @example
 * ```ts
 * import { encodePng, images } from "../../mod.ts";
 *
 * const grey = { width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 51, 255) } as const;
 * const { alpha } = await images.decodeAlpha(await encodePng(grey), "mask.png");
 * console.assert(alpha.every((a, i) => Math.abs(a - [0, 0.2, 1][i]) < 1e-6));
 * ```
 */
export async function decodeAlpha(source: ImageSource, name = "mask"): Promise<AlphaImage> {
  const image = await decodeImage(source, name);
  const { width, height, data } = image;
  const pixels = width * height;
  if (image.channels === 4) {
    const alpha = Float32Array.from({ length: pixels }, (_, i) => data[4 * i + 3] / 255);
    if (alpha.some((a) => a < 1)) return { width, height, alpha };
  }
  const rgb = toRgb(image).data;
  const alpha = Float32Array.from(
    { length: pixels },
    (_, i) => LUMA.reduce((sum, weight, c) => sum + weight * rgb[3 * i + c], 0) / 255,
  );
  return { width, height, alpha };
}
