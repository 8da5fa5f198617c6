/**
 * Encodes 8-bit pixels as PNG: one channel as greyscale, three as RGB, four as RGBA whose colour is
 * not multiplied by its alpha. The same pixels give the same bytes.
 *
 * @param pixels Interleaved, rows from the top, `channels · width · height` long.
 * @throws {RangeError} `pixels` is of another length.
 *
 * @example
 * ```ts
 * import { encodePng } from "./encode.ts";
 *
 * const png = await encodePng(Uint8Array.of(0, 255), 2, 1, 1);
 * console.assert(String.fromCharCode(...png.subarray(1, 4)) === "PNG");
 * ```
 */
export async function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
): Promise<Uint8Array> {
  if (pixels.length !== channels * width * height) {
    throw new RangeError(
      `Expected ${channels} × ${width} × ${height} bytes of pixels, got ${pixels.length}`,
    );
  }
  const { PNG }: typeof import("npm:@types/pngjs@6.0.5") = await import("npm:pngjs@7.0.0");
  const colorType = ({ 1: 0, 3: 2, 4: 6 } as const)[channels];
  const image = Object.assign(new PNG(), { width, height, data: pixels });
  const inputHasAlpha = channels === 4;
  return PNG.sync.write(image, { colorType, inputColorType: colorType, inputHasAlpha });
}
