import type { Query } from "../src/datasets/queries.ts";
import type { Image } from "../src/image/image.ts";

/** A 10 × 1 image whose mask is its first `inside` pixels; the image carries the answer. */
function query(prompt: string, kind: string, inside: number): Query {
  const mask = new Uint8Array(10).fill(255, 0, inside);
  const data = Uint8Array.from({ length: 30 }, (_, i) => mask[Math.floor(i / 3)]);
  return { image: { width: 10, height: 1, channels: 3, data }, prompt, kind, mask };
}

/** Two queries of two kinds, whose masks cover 0.2 and 0.7 of the image. */
export const queries = [query("a dog", "word", 2), query("a red cat", "colour", 7)];

/** Segmenters of such images. */
export const truth = ({ data }: Image) =>
  Promise.resolve(Float32Array.from({ length: 10 }, (_, i) => data[3 * i] / 255));
export const everything = () => Promise.resolve(new Float32Array(10).fill(1));
export const nothing = () => Promise.resolve(new Float32Array(10));
