import type { Image } from "../image/image.ts";
import { thresholdMask } from "../mask/threshold.ts";
import { iou, mean, precisionAt } from "./metrics.ts";

/** Whatever finds what a prompt names in a picture: gives α, (height, width) in 0..1. */
export type Segmenter = (image: Image, prompt: string) => Promise<Float32Array>;

/** A question with a known answer. */
export interface Query {
  readonly image: Image;
  readonly prompt: string;
  /** What sort of question it is, for sums of its sort alone. */
  readonly kind?: string;
  /** (height, width), inside where it is not 0. */
  readonly mask: Uint8Array;
}

/** How one query was answered. */
export interface QueryResult {
  readonly prompt: string;
  readonly iou: number;
  /** IoU of a mask that takes the whole picture: what saying nothing about the prompt is worth. */
  readonly wholeImageIou: number;
  readonly seconds: number;
}

/** How a set of queries was answered. */
export interface Evaluation {
  readonly meanIou: number;
  /** Fraction of the queries with an IoU above each of {@link PRECISION_THRESHOLDS}. */
  readonly precision: Readonly<Record<typeof PRECISION_THRESHOLDS[number], number>>;
  /** Mean IoU of whole-image masks. */
  readonly wholeImageMeanIou: number;
  /** Mean of the time a query took. */
  readonly seconds: number;
  readonly results: readonly QueryResult[];
}

/** The thresholds of *Prec@0.2*, *Prec@0.4*, …, as in Peekaboo's tables. */
export const PRECISION_THRESHOLDS = ["0.2", "0.4", "0.6", "0.8"] as const;

/** How to evaluate. */
export interface EvaluateOptions {
  /** Of α; ½ unless given. */
  readonly threshold?: number;
  /** Milliseconds since some fixed moment. */
  readonly clock: () => number;
  /** Called as each query is answered. */
  readonly onResult?: (result: QueryResult) => void;
}

/**
 * Asks a segmenter every query, one after the other, and scores its answers.
 *
 * @param queries At least one.
 * @throws {RangeError} There is no query, or an answer is not of the picture's size.
 *
 * @example
 * ```ts
 * import { evaluate } from "./evaluate.ts";
 *
 * const image = { width: 2, height: 1, data: new Uint8Array(6) };
 * const query = { image, prompt: "a dog", mask: Uint8Array.of(0, 255) };
 * const segmenter = () => Promise.resolve(Float32Array.of(0.1, 0.9));
 * const { meanIou, wholeImageMeanIou } = await evaluate([query], segmenter, { clock: Date.now });
 * console.assert(meanIou === 1 && wholeImageMeanIou === 0.5);
 * ```
 */
export async function evaluate(
  queries: Iterable<Query> | AsyncIterable<Query>,
  segmenter: Segmenter,
  { threshold = 0.5, clock, onResult }: EvaluateOptions,
): Promise<Evaluation> {
  const results: QueryResult[] = [];
  for await (const { image, prompt, mask } of queries) {
    const started = clock();
    const alpha = await segmenter(image, prompt);
    const result = {
      prompt,
      iou: iou(thresholdMask(alpha, threshold), mask),
      wholeImageIou: iou(new Uint8Array(mask.length).fill(1), mask),
      seconds: (clock() - started) / 1000,
    };
    results.push(result);
    onResult?.(result);
  }
  const ious = results.map(({ iou }) => iou);
  const precision = PRECISION_THRESHOLDS.map((at) => [at, precisionAt(Number(at), ious)]);
  return {
    meanIou: mean(ious),
    precision: Object.fromEntries(precision) as Evaluation["precision"],
    wholeImageMeanIou: mean(results.map(({ wholeImageIou }) => wholeImageIou)),
    seconds: mean(results.map(({ seconds }) => seconds)),
    results,
  };
}
