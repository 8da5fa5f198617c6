import { checkImage, type Image } from "./image.ts";

/**
 * Encodes an image as PNG: one channel as greyscale, three as RGB, four as RGBA, indices with their
 * palette. The same image gives the same bytes.
 *
 * @returns The PNG file's bytes.
 * @throws {UserError} The pixels do not fill the image.
 *
 * @example
 * ```ts
 * import { cutout, encodePng, type Image } from "../../mod.ts";
 *
 * const red: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) };
 * const png = await encodePng(cutout(red, Float32Array.of(0.9)));
 * console.assert(png[25] === 6); // PNG's colour type: RGBA
 * ```
 */
export async function encodePng(image: Image): Promise<Uint8Array> {
  checkImage(image);
  const { width, height, channels, data, palette } = image;
  if (palette) {
    // pngjs writes no palettes.
    const { encode } = await import("npm:fast-png@8.0.0");
    const colours = palette.map(([...colour]) => colour);
    const indices = Uint8Array.from(data);
    return encode({ data: indices, width, height, channels: 1, depth: 8, palette: colours });
  }
  const { PNG }: typeof import("npm:@types/pngjs@6.0.5") = await import("npm:pngjs@7.0.0");
  const colorType = ({ 1: 0, 3: 2, 4: 6 } as const)[channels];
  const png = Object.assign(new PNG(), { width, height, data });
  const inputHasAlpha = channels === 4;
  return PNG.sync.write(png, { colorType, inputColorType: colorType, inputHasAlpha });
}
