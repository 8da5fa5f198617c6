/**
 * Vectors with one entry a channel.
 *
 * @module
 */
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/**
 * A vector [C], shaped to broadcast over axis 1 of x [N, C, …].
 *
 * @example
 * ```ts
 * import { OpBuilder } from "../onnx/op_builder.ts";
 * import { perChannel } from "./per_channel.ts";
 *
 * const g = new OpBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 3, 8, 8] });
 * const bias = g.addInput({ name: "bias", dtype: "float32", shape: [3] });
 * console.assert(perChannel(g, bias, x).shape.join() === "3,1,1");
 * ```
 */
export function perChannel(g: OpBuilder, vector: Value, x: Value): Value {
  return g.reshape(vector, [vector.shape[0], ...x.shape.slice(2).map(() => 1)]);
}
