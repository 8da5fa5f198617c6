import { type Image, toRgb } from "./image.ts";

/** A rectangle of whole pixels: left, top, columns, rows. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Interleaved pixels, rows from the top: `data` is `channels · width · height` long. */
export interface Pixels {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array | Float32Array;
}

/**
 * Resamples a rectangle of an image to another size with the triangle filter, separably: bilinear
 * with half-pixel centres where it enlarges; where it reduces by a factor `s`, the triangle is `s`
 * times wider, so every source pixel counts and fine patterns average instead of aliasing.
 *
 * ```text
 * out[i] = Σ_j w_ij in[j] / Σ_j w_ij,   w_ij = max(0, 1 − |j + ½ − s(i + ½)| / max(1, s))
 * ```
 *
 * `j` runs over the rectangle alone: pixels beside it have no influence. The same size gives the
 * same values. Pillow's `BILINEAR` and PyTorch's `antialias=True` compute the same.
 *
 * @param source Values in any range; they keep it.
 * @param rect The part of `source` to take.
 * @returns Interleaved, `channels · width · height` long, in single precision.
 */
export function resample(
  source: Pixels,
  rect: Rect,
  width: number,
  height: number,
): Float32Array<ArrayBuffer> {
  const { channels, data } = source;
  const columns = taps(rect.width, width);
  const narrow = new Float32Array(channels * width * rect.height);
  for (let y = 0; y < rect.height; y++) {
    const row = channels * ((rect.y + y) * source.width + rect.x);
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += weights[k] * data[row + channels * (first + k) + c];
        }
        narrow[channels * (y * width + x) + c] = sum;
      }
    }
  }
  const stride = channels * width;
  const rows = taps(rect.height, height);
  const out = new Float32Array(stride * height);
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y];
    for (let i = 0; i < stride; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[stride * (first + k) + i];
      out[stride * y + i] = sum;
    }
  }
  return out;
}

/** The source positions that count for each output position. */
function taps(from: number, to: number): Taps[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => triangleTaps(scale * (i + 0.5), scale, 0, from - 1));
}

/** The source positions that count for a place along one axis, and their weights, of sum 1. */
export interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * The triangle filter at a place along one axis.
 *
 * @param centre The place, in source pixels.
 * @param scale Source pixels per output pixel.
 * @param min The first position.
 * @param max The last position.
 */
export function triangleTaps(
  centre: number,
  scale: number,
  min = -Infinity,
  max = Infinity,
): Taps {
  const support = Math.max(1, scale);
  const first = Math.max(min, Math.floor(centre - support + 0.5));
  const last = Math.min(max, Math.ceil(centre + support - 0.5) - 1);
  const raw = [];
  for (let j = first; j <= last; j++) raw.push(1 - Math.abs(j + 0.5 - centre) / support);
  const sum = raw.reduce((a, b) => a + b, 0);
  return { first, weights: raw.map((weight) => weight / sum) };
}

/** The image in three channels, made smaller if its longer side is more than `side` pixels. */
export function shrink(image: Image, side: number): Image {
  const { width, height } = image;
  const longer = Math.max(width, height);
  const rgb = toRgb(image);
  if (longer <= side) return rgb;
  const fit = (length: number) => Math.max(1, Math.round(length * side / longer));
  const small = { width: fit(width), height: fit(height) };
  const whole = { x: 0, y: 0, width, height };
  const data = Uint8Array.from(resample(rgb, whole, small.width, small.height), Math.round);
  return { ...small, channels: 3, data };
}
