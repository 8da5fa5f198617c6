/**
 * The adjoint of NumPy's broadcasting.
 *
 * @module
 */
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/**
 * Sums a cotangent over the axes along which a tensor of shape `shape` was repeated.
 *
 * Broadcasting copies an element to many places; its cotangent is the sum of theirs.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { unbroadcast } from "./unbroadcast.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const dy = g.addInput({ name: "dy", dtype: "float32", shape: [2, 3, 4] });
 * console.assert(unbroadcast(g, dy, [3, 1]).shape.join() === "3,1");
 * ```
 */
export function unbroadcast(g: OpBuilder, cotangent: Value, shape: readonly number[]): Value {
  const added = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : []
  );
  return g.reshape(g.reduce("ReduceSum", cotangent, axes), shape);
}
