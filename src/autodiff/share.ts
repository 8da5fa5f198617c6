/**
 * The adjoint of picking the largest or smallest element.
 *
 * @module
 */
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/**
 * Gives each cotangent to the element that was picked; where several are equal, they share it.
 *
 * @param x Candidates.
 * @param y The one picked, with size 1 along `axes`.
 * @param dy Its cotangent.
 * @param axes The axes it was picked along.
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { share } from "./share.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 4] });
 * const dy = g.addInput({ name: "dy", dtype: "float32", shape: [2, 1] });
 * const y = g.reduce("ReduceMax", x, [1]);
 * console.assert(share(g, x, y, dy, [1]).shape.join() === "2,4");
 * ```
 */
export function share(
  g: OpBuilder,
  x: Value,
  y: Value,
  dy: Value,
  axes: readonly number[],
): Value {
  // m = 1 where x = y
  const picked = g.cast(g.emit("Equal", [x, y]), dy.dtype);
  // x̄ = m·ȳ / Σ m
  return g.mul(picked, g.div(dy, g.reduce("ReduceSum", picked, axes)));
}
