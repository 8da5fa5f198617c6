/**
 * Linear maps along one axis.
 *
 * @module
 */
import type { OpBuilder } from "../onnx/op_builder.ts";
import { sizeOf, type Value } from "../onnx/value.ts";

/** Applies a matrix [m, n] along an axis of size n, which becomes m. */
export function alongAxis(g: OpBuilder, matrix: Value, x: Value, axis: number): Value {
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const [m, n] = matrix.shape;
  const result = [...outer, m, ...inner];
  // The last axis multiplies from the right, which spares products with one-column matrices.
  if (inner.length === 0) {
    const rows = g.reshape(x, [sizeOf(outer), n]);
    return g.reshape(g.matMul(rows, g.transposeMatrix(matrix)), result);
  }
  const stacked = g.reshape(x, [sizeOf(outer), n, sizeOf(inner)]);
  return g.reshape(g.matMul(matrix, stacked), result);
}
