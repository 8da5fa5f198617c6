/** The score of the answer to one query. */
export interface QueryResult {
  readonly prompt: string;
  readonly kind?: string | undefined;
  readonly iou: number;
  /** IoU of a mask that covers the whole image: the score of a segmenter that ignores the prompt. */
  readonly wholeImageIou: number;
  readonly seconds: number;
}

/** The scores of a set of queries. */
export interface Evaluation {
  readonly meanIou: number;
  /** Fraction of the queries with an IoU above each of {@link PRECISION_THRESHOLDS}. */
  readonly precision: Readonly<Record<typeof PRECISION_THRESHOLDS[number], number>>;
  /** Mean time per query. */
  readonly seconds: number;
  readonly results: readonly QueryResult[];
}

/** The thresholds of *Prec@0.2*, *Prec@0.4*, …, as in Peekaboo's tables. */
export const PRECISION_THRESHOLDS = ["0.2", "0.4", "0.6", "0.8"] as const;

/**
 * Intersection over union of two masks, which are inside where they are not 0. It is 1 for equal
 * masks, 0 for disjoint ones, and 0 if both are empty.
 *
 * @throws {RangeError} If the masks differ in length.
 */
export function iou(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new RangeError(`Expected masks of one length, got ${a.length} and ${b.length}`);
  }
  let [intersection, union] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== 0 && b[i] !== 0) intersection++;
    if (a[i] !== 0 || b[i] !== 0) union++;
  }
  return union === 0 ? 0 : intersection / union;
}

/**
 * Mean of values, e.g. of the queries' IoU (*mIoU*).
 *
 * @throws {RangeError} If there is no value.
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Expected at least one value, got none");
  return values.reduce((a, b) => a + b) / values.length;
}

/**
 * *Prec@threshold*: the fraction of the queries with an IoU above the threshold.
 *
 * @throws {RangeError} If there is no value.
 */
export function precisionAt(threshold: number, ious: readonly number[]): number {
  return mean(ious.map((value) => value > threshold ? 1 : 0));
}

/**
 * Sums up the results of queries.
 *
 * @throws {RangeError} If there is no result.
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
 * The results if the whole image had been each answer, in no time: the baseline that a segmenter has
 * to beat.
 */
export function wholeImage(results: readonly QueryResult[]): QueryResult[] {
  return results.map((result) => ({ ...result, iou: result.wholeImageIou, seconds: 0 }));
}
