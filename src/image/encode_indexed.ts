/**
 * Encodes palette indices as PNG with that palette. The same pixels give the same bytes.
 *
 * @param indices A byte a pixel, rows from the top, each below `palette.length`.
 * @param palette 1 to 256 colours: red, green and blue, 0..255.
 *
 * @example
 * ```ts
 * import { encodeIndexedPng } from "./encode_indexed.ts";
 *
 * const png = await encodeIndexedPng(Uint8Array.of(0, 1), 2, 1, [[0, 0, 0], [255, 0, 0]]);
 * console.assert(png[25] === 3); // PNG's colour type: indexed
 * ```
 */
export async function encodeIndexedPng(
  indices: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
  palette: [red: number, green: number, blue: number][],
): Promise<Uint8Array> {
  // pngjs, which writes all other images, writes no palettes.
  const { encode } = await import("npm:fast-png@8.0.0");
  return encode({ data: indices, width, height, channels: 1, depth: 8, palette });
}
