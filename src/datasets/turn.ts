import { type Pixels, resample, type Taps, triangleTaps } from "../image/resample.ts";

/** A turned square image, which is larger than the wanted square by a margin on each side. */
export interface Turned {
  /** Interleaved, (side, side, channels), with `side` = wanted side + 2 · `margin`. */
  readonly data: Float32Array;
  /** In pixels, a whole number. */
  readonly margin: number;
}

/**
 * Resamples a square image to `side` pixels, turned clockwise about its centre. Without a turn it is
 * `resample`. With a turn, the same triangle filter stands at the turned positions, along the source's
 * axes, and everything outside the source is transparent:
 *
 * ```text
 * out[p] = Σ_q w_pq in[q] / Σ_q w_pq,   w_pq = Π_axes max(0, 1 − |q + ½ − s R⁻¹p| / max(1, s))
 * ```
 *
 * It consists of additions, multiplications and divisions alone, so every machine gives the same bytes.
 *
 * @param source A square image.
 * @param degrees Clockwise, −45..45.
 */
export function turn(source: Pixels, side: number, degrees: number): Turned {
  if (degrees === 0) {
    const whole = { x: 0, y: 0, width: source.width, height: source.height };
    return { data: resample(source, whole, side, side), margin: 0 };
  }
  const { width: from, channels } = source;
  const [cos, sin] = cosSin(degrees);
  const margin = Math.ceil(side * (spread(degrees) - 1) / 2);
  const to = side + 2 * margin;
  const scale = from / side;
  const data = new Float32Array(channels * to * to);
  for (let y = 0, at = 0; y < to; y++) {
    for (let x = 0; x < to; x++, at += channels) {
      const [dx, dy] = [x + 0.5 - to / 2, y + 0.5 - to / 2];
      const columns = triangleTaps(scale * (cos * dx + sin * dy) + from / 2, scale);
      const rows = triangleTaps(scale * (cos * dy - sin * dx) + from / 2, scale);
      for (let c = 0; c < channels; c++) data[at + c] = filtered(source, columns, rows, c);
    }
  }
  return { data, margin };
}

/** Side of the upright square around a square of side 1 that is turned by −45..45 degrees. */
export function spread(degrees: number): number {
  const [cos, sin] = cosSin(degrees);
  return cos + Math.abs(sin);
}

/**
 * Cosine and sine from the series of t = tan(degrees / 2). Any t gives an exact turn, here within 10⁻⁵
 * of the wanted one. The functions of `Math` may differ in the last bit between machines.
 */
function cosSin(degrees: number): [cos: number, sin: number] {
  const half = degrees * Math.PI / 360;
  const square = half * half;
  const t = half * (1 + square * (1 / 3 + square * (2 / 15 + square * (17 / 315))));
  return [(1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)];
}

function filtered(source: Pixels, columns: Taps, rows: Taps, channel: number): number {
  const { width, height, channels, data } = source;
  let sum = 0;
  rows.weights.forEach((row, i) => {
    const y = rows.first + i;
    if (y < 0 || y >= height) return;
    columns.weights.forEach((column, j) => {
      const x = columns.first + j;
      if (x >= 0 && x < width) sum += row * column * data[channels * (y * width + x) + channel];
    });
  });
  return sum;
}
