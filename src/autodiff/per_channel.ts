/**
 * Vectors with one entry a channel.
 *
 * @module
 */
import type { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";

/** A vector [C], shaped to broadcast over axis 1 of x [N, C, …]. */
export function perChannel(g: OpBuilder, vector: Value, x: Value): Value {
  return g.reshape(vector, [vector.shape[0], ...x.shape.slice(2).map(() => 1)]);
}
