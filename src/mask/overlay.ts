import type { Image } from "../image/image.ts";
import { thresholdMask } from "./threshold.ts";

/** Magenta: few things are. */
const TINT = [255, 0, 170];
/** How much of the tint the masked area takes. */
const STRENGTH = 0.4;
/** The outline is a light line with a dark one around it, to show on any ground. */
const LIGHT = [255, 255, 255];
const DARK = [40, 0, 27];
/** The image's shorter side in widths of one line. */
const LINES_A_SIDE = 200;

/**
 * The image with the mask drawn on it, to be judged at a glance: the area with α ≥ `threshold`
 * tinted, and an outline just outside it.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns Interleaved RGB.
 *
 * @example
 * ```ts
 * import { overlay } from "./overlay.ts";
 *
 * const grey = { width: 1, height: 1, data: Uint8Array.of(100, 100, 100) };
 * console.assert(overlay(grey, Float32Array.of(0), 0.5).join() === "100,100,100");
 * ```
 */
export function overlay(
  image: Image,
  alpha: Float32Array,
  threshold: number,
): Uint8Array<ArrayBuffer> {
  const { width, height } = image;
  const line = Math.max(1, Math.round(Math.min(width, height) / LINES_A_SIDE));
  const mask = thresholdMask(alpha, threshold);
  const light = dilate(mask, width, height, line);
  const dark = dilate(light, width, height, line);
  const rgb = new Uint8Array(image.data);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) {
      for (let c = 0; c < 3; c++) rgb[3 * i + c] += STRENGTH * (TINT[c] - rgb[3 * i + c]);
    } else if (light[i]) {
      rgb.set(LIGHT, 3 * i);
    } else if (dark[i]) {
      rgb.set(DARK, 3 * i);
    }
  }
  return rgb;
}

/** Every pixel within `radius` columns and rows of a set one. */
function dilate(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const wide = new Uint8Array(mask.length);
  const both = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) dilateLine(mask, wide, y * width, 1, width, radius);
  for (let x = 0; x < width; x++) dilateLine(wide, both, x, width, height, radius);
  return both;
}

/** Along one row or column, counting the set pixels of a window that slides. */
function dilateLine(
  from: Uint8Array,
  to: Uint8Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
) {
  let inWindow = 0;
  for (let i = -radius; i < length; i++) {
    const entering = i + radius;
    const leaving = i - radius - 1;
    if (entering < length && from[start + stride * entering]) inWindow++;
    if (leaving >= 0 && from[start + stride * leaving]) inWindow--;
    if (i >= 0 && inWindow > 0) to[start + stride * i] = 255;
  }
}
