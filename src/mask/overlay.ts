import { checkerboard } from "../image/ground.ts";
import { checkAlpha, type Image, toRgb } from "../image/image.ts";
import { DEFAULT_THRESHOLD, thresholdMask } from "./threshold.ts";

/** Magenta: few things have that colour. */
const TINT = [255, 0, 170];
/** The share of the tint in the masked area. */
const STRENGTH = 0.4;
/** The outline is a light line with a dark one around it, to show on any background. */
const LIGHT = [255, 255, 255];
const DARK = [40, 0, 27];
/** The image's shorter side, in widths of one line. */
const LINES_A_SIDE = 200;

/**
 * The image with the mask drawn on it, to be judged at a glance: the area with α ≥ `threshold` is
 * tinted, and has an outline just outside it.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @param threshold In 0..1, by default ½.
 * @returns An image of three channels.
 * @throws {UserError} α has another size than the image.
 *
 * @example
 * ```ts
 * import { type Image, overlay } from "../../mod.ts";
 *
 * const grey: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(100, 100, 100) };
 * console.assert(overlay(grey, Float32Array.of(0)).data.join() === "100,100,100");
 * ```
 */
export function overlay(image: Image, alpha: Float32Array, threshold = DEFAULT_THRESHOLD): Image {
  const { width, height, data } = toRgb(image);
  checkAlpha(image, alpha);
  const line = Math.max(1, Math.round(Math.min(width, height) / LINES_A_SIDE));
  const mask = thresholdMask(alpha, threshold);
  const light = dilate(mask, width, height, line);
  const dark = dilate(light, width, height, line);
  const rgb = new Uint8Array(data);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) {
      for (let c = 0; c < 3; c++) rgb[3 * i + c] += STRENGTH * (TINT[c] - rgb[3 * i + c]);
    } else if (light[i]) {
      rgb.set(LIGHT, 3 * i);
    } else if (dark[i]) {
      rgb.set(DARK, 3 * i);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

/** Sets every pixel within `radius` columns and rows of a set one. */
function dilate(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const wide = new Uint8Array(mask.length);
  const both = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) dilateLine(mask, wide, y * width, 1, width, radius);
  for (let x = 0; x < width; x++) dilateLine(wide, both, x, width, height, radius);
  return both;
}

/** Dilates one row or column: counts the set pixels of a window that slides along it. */
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

/**
 * An image with transparency as image editors show it: over a checkerboard of white and light grey.
 *
 * @param alpha (height, width) of `image`, 0..1.
 * @returns An image of three channels.
 * @throws {UserError} α has another size than the image.
 *
 * @example
 * ```ts
 * import { type Image, images } from "../../mod.ts";
 *
 * const pixels = Uint8Array.of(255, 0, 0, 255, 0, 0);
 * const red: Image = { width: 2, height: 1, channels: 3, data: pixels };
 * const { data } = images.overCheckerboard(red, Float32Array.of(1, 0));
 * console.assert(data.join() === "255,0,0,204,204,204");
 * ```
 */
export function overCheckerboard(image: Image, alpha: Float32Array): Image {
  const { width, height, data: rgb } = toRgb(image);
  checkAlpha(image, alpha);
  const colourAt = checkerboard(width, height);
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < alpha.length; i++) {
    const below = colourAt(i % width, Math.floor(i / width));
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = Math.round(alpha[i] * rgb[3 * i + c] + (1 - alpha[i]) * below[c]);
    }
  }
  return { width, height, channels: 3, data };
}
