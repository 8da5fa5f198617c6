/**
 * Uses of reductions.
 *
 * @module
 */
import { anyShape, type CaseTable, fc, ints, oneOf, uses } from "./arbitrary.ts";

/** Over the last axis, the first, or all; kept or not; axes as input or attribute. */
const reduction = (op: string, range?: readonly [number, number]) =>
  uses(
    op,
    fc.record({
      shape: anyShape,
      axes: oneOf([-1], [0], undefined),
      keepdims: oneOf(0, 1),
      opset: oneOf(13, 18),
    }).map(({ shape, axes, keepdims, opset }) => {
      const asInput = opset === 18 || op === "ReduceSum";
      return {
        opset,
        operands: axes && asInput ? [{ shape, range }, ints(axes)] : [{ shape, range }],
        attributes: { keepdims, axes: asInput ? undefined : axes },
      };
    }),
  );

/** Reductions. */
export const reduce: CaseTable = {
  ReduceSum: reduction("ReduceSum"),
  ReduceMean: reduction("ReduceMean"),
  ReduceMax: reduction("ReduceMax"),
  ReduceMin: reduction("ReduceMin"),
  ReduceSumSquare: reduction("ReduceSumSquare"),
  ReduceL2: reduction("ReduceL2", [0.3, 2]),
  ReduceL1: reduction("ReduceL1"),
  ReduceLogSum: reduction("ReduceLogSum", [0.3, 2]),
  ReduceProd: reduction("ReduceProd", [0.3, 1.5]),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
};
