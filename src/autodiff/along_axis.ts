/**
 * Linear maps along one axis.
 *
 * @module
 */
import type { OpBuilder } from "../onnx/op_builder.ts";
import { sizeOf, type Value } from "../onnx/value.ts";

/**
 * Applies a matrix [m, n] along an axis of size n, which becomes m.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { alongAxis } from "./along_axis.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 3, 4] });
 * const matrix = g.constant("float32", [5, 3], 1);
 * console.assert(alongAxis(g, matrix, x, 1).shape.join() === "2,5,4");
 * ```
 */
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
