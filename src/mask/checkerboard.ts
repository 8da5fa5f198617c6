import type { Image } from "../image/image.ts";

/** Squares on the shorter side. */
const SQUARES = 8;
const LIGHT = 255, DARK = 204;

/**
 * An image with transparency as image editors show it: over a checkerboard of white and light grey.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns The opaque image.
 *
 * @example
 * ```ts
 * import { overCheckerboard } from "./checkerboard.ts";
 *
 * const red = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0) };
 * const { data } = overCheckerboard(red, Float32Array.of(1, 0));
 * console.assert(data.join() === "255,0,0,204,204,204");
 * ```
 */
export function overCheckerboard(image: Image, alpha: Float32Array): Image {
  const { width, height } = image;
  const square = Math.max(1, Math.floor(Math.min(width, height) / SQUARES));
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < alpha.length; i++) {
    const [column, row] = [Math.floor(i % width / square), Math.floor(i / width / square)];
    const ground = (column + row) % 2 === 0 ? LIGHT : DARK;
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      data[c] = Math.round(alpha[i] * image.data[c] + (1 - alpha[i]) * ground);
    }
  }
  return { width, height, data };
}
