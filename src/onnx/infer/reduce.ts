/**
 * Shapes of reductions.
 *
 * @module
 */
import type { NodeView } from "../node_view.ts";
import { fromFront, type TensorType } from "../value.ts";
import { type InferTable, shared } from "./rule.ts";

/** The axes a reduction runs over, counted from the front; `[]` where it does nothing. */
export function reducedAxes(node: NodeView): number[] {
  const rank = node.input(0).shape.length;
  const axes = node.parameter("axes", 1);
  if (axes && axes.length > 0) return axes.map((axis) => fromFront(axis, rank));
  if (node.int("noop_with_empty_axes", 0) === 1) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

function reduced(node: NodeView): TensorType[] {
  const { dtype, shape } = node.input(0);
  const axes = reducedAxes(node);
  const kept = shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  return node.int("keepdims", 1) === 1
    ? [{ dtype, shape: kept }]
    : [{ dtype, shape: kept.filter((_, axis) => !axes.includes(axis)) }];
}

function argReduced(node: NodeView): TensorType[] {
  const { shape } = node.input(0);
  const axis = fromFront(node.int("axis", 0), shape.length);
  const result = shape.map((size, i) => i === axis ? 1 : size);
  if (node.int("keepdims", 1) === 0) result.splice(axis, 1);
  return [{ dtype: "int64", shape: result }];
}

/** Reductions: the reduced axes become 1 or vanish. */
export const reduce: InferTable = {
  ...shared([
    ...["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean"],
    ...["ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"],
  ], reduced),
  ...shared(["ArgMax", "ArgMin"], argReduced),
};
