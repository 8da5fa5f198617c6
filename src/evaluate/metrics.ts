/**
 * Intersection over union of two masks, inside where they are not 0: 1 for equal ones, 0 for
 * disjoint ones, and 0 if both are empty.
 *
 * @throws {RangeError} The masks differ in length.
 *
 * @example
 * ```ts
 * import { iou } from "./metrics.ts";
 *
 * console.assert(iou(Uint8Array.of(1, 1, 0), Uint8Array.of(0, 255, 255)) === 1 / 3);
 * ```
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
 * Mean over the queries, e.g. of their IoU (*mIoU*).
 *
 * @throws {RangeError} There are no values.
 *
 * @example
 * ```ts
 * import { mean } from "./metrics.ts";
 *
 * console.assert(mean([0.25, 0.75]) === 0.5);
 * ```
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Expected at least one value, got none");
  return values.reduce((a, b) => a + b) / values.length;
}

/**
 * *Prec@threshold*: the fraction of the queries whose IoU is above the threshold.
 *
 * @throws {RangeError} There are no values.
 *
 * @example
 * ```ts
 * import { precisionAt } from "./metrics.ts";
 *
 * console.assert(precisionAt(0.6, [0.5, 0.6, 0.7, 0.8]) === 0.5);
 * ```
 */
export function precisionAt(threshold: number, ious: readonly number[]): number {
  return mean(ious.map((value) => value > threshold ? 1 : 0));
}
