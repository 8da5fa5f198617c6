import type { Image } from "../image/image.ts";
import { thresholdMask } from "../mask/threshold.ts";
import { iou } from "./metrics.ts";

/** Whatever finds what a prompt names in an image: gives α, (height, width) in 0..1. */
export type Segmenter = (image: Image, prompt: string) => Promise<Float32Array>;

/** A question with a known answer. */
export interface Query {
  readonly image: Image;
  readonly prompt: string;
  /** What sort of question it is, to be summed up with its sort as well. */
  readonly kind?: string;
  /** (height, width), inside where it is not 0. */
  readonly mask: Uint8Array;
}

/** How one query was answered. */
export interface QueryResult {
  readonly prompt: string;
  readonly kind?: string;
  readonly iou: number;
  /** IoU of a mask that takes the whole image: what saying nothing about the prompt is worth. */
  readonly wholeImageIou: number;
  readonly seconds: number;
}

/** How to ask. */
export interface AnswersOptions {
  /** Of α; ½ unless given. */
  readonly threshold?: number;
  /** Milliseconds since some fixed moment. */
  readonly clock: () => number;
}

/**
 * Asks a segmenter every query, one after the other, and gives the score of each answer as it is
 * there.
 *
 * @throws {RangeError} An answer is not of the image's size.
 *
 * @example
 * ```ts
 * import { answers } from "./answers.ts";
 *
 * const image = { width: 2, height: 1, data: new Uint8Array(6) };
 * const query = { image, prompt: "a dog", mask: Uint8Array.of(0, 255) };
 * const segmenter = () => Promise.resolve(Float32Array.of(0.1, 0.9));
 * for await (const { iou, wholeImageIou } of answers([query], segmenter, { clock: Date.now })) {
 *   console.assert(iou === 1 && wholeImageIou === 0.5);
 * }
 * ```
 */
export async function* answers(
  queries: Iterable<Query> | AsyncIterable<Query>,
  segmenter: Segmenter,
  { threshold = 0.5, clock }: AnswersOptions,
): AsyncGenerator<QueryResult> {
  for await (const { image, prompt, kind, mask } of queries) {
    const started = clock();
    const alpha = await segmenter(image, prompt);
    const seconds = (clock() - started) / 1000;
    yield {
      prompt,
      kind,
      iou: iou(thresholdMask(alpha, threshold), mask),
      wholeImageIou: iou(new Uint8Array(mask.length).fill(1), mask),
      seconds,
    };
  }
}
