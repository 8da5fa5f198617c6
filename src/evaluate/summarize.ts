import type { QueryResult } from "./answers.ts";
import { mean, precisionAt } from "./metrics.ts";

/** How a set of queries was answered. */
export interface Evaluation {
  readonly meanIou: number;
  /** Fraction of the queries with an IoU above each of {@link PRECISION_THRESHOLDS}. */
  readonly precision: Readonly<Record<typeof PRECISION_THRESHOLDS[number], number>>;
  /** Mean of the time a query took. */
  readonly seconds: number;
  readonly results: readonly QueryResult[];
}

/** The thresholds of *Prec@0.2*, *Prec@0.4*, …, as in Peekaboo's tables. */
export const PRECISION_THRESHOLDS = ["0.2", "0.4", "0.6", "0.8"] as const;

/**
 * Sums up how queries were answered.
 *
 * @param results At least one.
 * @throws {RangeError} There are no results.
 *
 * @example
 * ```ts
 * import { summarize } from "./summarize.ts";
 *
 * const dog = { prompt: "a dog", iou: 0.9, wholeImageIou: 0.2, seconds: 3 };
 * const { meanIou, precision } = summarize([dog, { ...dog, iou: 0.7 }]);
 * console.assert(Math.abs(meanIou - 0.8) < 1e-12 && precision["0.8"] === 0.5);
 * ```
 */
export function summarize(results: readonly QueryResult[]): Evaluation {
  const ious = results.map(({ iou }) => iou);
  const precision = PRECISION_THRESHOLDS.map((at) => [at, precisionAt(Number(at), ious)]);
  return {
    meanIou: mean(ious),
    precision: Object.fromEntries(precision) as Evaluation["precision"],
    seconds: mean(results.map(({ seconds }) => seconds)),
    results,
  };
}

/**
 * The same queries, as if each had been answered by the whole image, in no time: the baseline
 * that any segmenter has to beat.
 *
 * @example
 * ```ts
 * import { summarize, wholeImage } from "./summarize.ts";
 *
 * const dog = { prompt: "a dog", iou: 0.9, wholeImageIou: 0.2, seconds: 3 };
 * console.assert(summarize(wholeImage([dog])).meanIou === 0.2);
 * ```
 */
export function wholeImage(results: readonly QueryResult[]): QueryResult[] {
  return results.map((result) => ({ ...result, iou: result.wholeImageIou, seconds: 0 }));
}
