/**
 * Shapes of operators on rounded integers, as quantised networks have them.
 *
 * @module
 */
import { dataTypeOf } from "../dtype.ts";
import type { NodeView } from "../node_view.ts";
import { broadcastShapes, type TensorType } from "../value.ts";
import type { InferTable } from "./rule.ts";
import { windowCounts, windowOf } from "./window.ts";

/** Shape of a convolution whose weights are the input of this index. */
function convolved(node: NodeView, weights: number): readonly number[] {
  const { shape: [n, , ...spatial] } = node.input(0);
  const [channels, , ...kernel] = node.input(weights).shape;
  return [n, channels, ...windowCounts(windowOf(node, spatial, kernel), spatial)];
}

/** Shape of the product with the input of this index. */
function product(node: NodeView, right: number): readonly number[] {
  const [a, b] = [node.input(0).shape, node.input(right).shape];
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  const rows = a.length > 1 ? [a[a.length - 2]] : [];
  const columns = b.length > 1 ? [b[b.length - 1]] : [];
  return [...batch, ...rows, ...columns];
}

/** Rounding, its inverse, and convolutions and products of rounded integers. */
export const quantised: InferTable = {
  QuantizeLinear: (node) => {
    const asked = dataTypeOf(node.int("output_dtype", 0));
    return [{ dtype: node.inputs[2]?.dtype ?? asked ?? "uint8", shape: node.input(0).shape }];
  },

  DequantizeLinear: (node) => [{ dtype: node.input(1).dtype, shape: node.input(0).shape }],

  DynamicQuantizeLinear: (node): TensorType[] => [
    { dtype: "uint8", shape: node.input(0).shape },
    { dtype: "float32", shape: [] },
    { dtype: "uint8", shape: [] },
  ],

  ConvInteger: (node) => [{ dtype: "int32", shape: convolved(node, 1) }],
  MatMulInteger: (node) => [{ dtype: "int32", shape: product(node, 1) }],

  // x and its scale and zero point, the same of the weights, then of the result.
  QLinearConv: (node) => [{ dtype: node.input(7).dtype, shape: convolved(node, 3) }],
  QLinearMatMul: (node) => [{ dtype: node.input(7).dtype, shape: product(node, 3) }],
};
