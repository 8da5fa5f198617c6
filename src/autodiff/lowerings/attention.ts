/**
 * Attention.
 *
 * @module
 */
import { UserError } from "../../errors.ts";
import { dataTypeOf, lowest } from "../../onnx/dtype.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";

/** Y = softmax(scale·Q·Kᵀ + mask)·V, for each head */
function attend(g: OpBuilder, node: NodeView): Value {
  const heads = (i: number, count: string) => splitHeads(g, node.input(i), node.int(count, 1));
  const q = heads(0, "q_num_heads");
  const [k, v] = [1, 2].map((i) => repeatHeads(g, heads(i, "kv_num_heads"), q.shape[1]));
  if (node.proto.input.slice(4).some(Boolean)) {
    throw new UserError(
      `Cannot differentiate ${node.label}: it takes past keys and values`,
      "export the model without a key-value cache",
    );
  }
  const scale = node.float("scale", 0) || 1 / Math.sqrt(q.shape[3]);
  const scores = g.matMul(g.mul(q, g.scalar(scale, q)), g.transposeMatrix(k));
  const capped = cap(g, scores, node.float("softcap", 0));
  const masked = mask(g, capped, node.inputs[3], node.int("is_causal", 0) === 1);
  // A node may compute its softmax in another precision.
  const precision = dataTypeOf(node.int("softmax_precision", 0)) ?? q.dtype;
  const weights = g.cast(g.emit("Softmax", [g.cast(masked, precision)], { axis: -1 }), q.dtype);
  const y = g.matMul(weights, v);
  if (node.input(0).shape.length === 4) return y;
  const [batch, count, length, size] = y.shape;
  return g.reshape(g.transpose(y, [0, 2, 1, 3]), [batch, length, count * size]);
}

/** [batch, length, heads·size] → [batch, heads, length, size]; four axes stay as they are. */
function splitHeads(g: OpBuilder, x: Value, heads: number): Value {
  if (x.shape.length === 4) return x;
  const [batch, length, width] = x.shape;
  return g.transpose(g.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** Repeats each key and value head for the query heads that share it. */
function repeatHeads(g: OpBuilder, x: Value, heads: number): Value {
  const [batch, own, length, size] = x.shape;
  const repeated = g.expand(
    g.reshape(x, [batch, own, 1, length, size]),
    [batch, own, heads / own, length, size],
  );
  return g.reshape(repeated, [batch, heads, length, size]);
}

/** Bends scores into ±limit: limit·tanh(scores / limit); 0 is no limit. */
function cap(g: OpBuilder, scores: Value, limit: number): Value {
  if (limit === 0) return scores;
  const bent = g.emit("Tanh", [g.mul(scores, g.scalar(1 / limit, scores))]);
  return g.mul(bent, g.scalar(limit, scores));
}

/** Scores plus the mask: numbers are added, false and later keys take no part. */
function mask(g: OpBuilder, scores: Value, given: Value | undefined, causal: boolean): Value {
  const apart = (keep: Value) =>
    g.emit("Where", [keep, g.scalar(0, scores), g.scalar(lowest(scores.dtype), scores)]);
  let result = scores;
  if (given) result = g.add(result, given.dtype === "bool" ? apart(given) : given);
  if (!causal) return result;
  const [queries, keys] = scores.shape.slice(-2);
  const places = (length: number, shape: number[]) =>
    g.constant("int32", shape, [...Array(length).keys()]);
  const past = g.emit("LessOrEqual", [places(keys, [keys]), places(queries, [queries, 1])]);
  return g.add(result, apart(past));
}

/** Attention. */
export const attention: LoweringTable = {
  Attention: {
    inputs: ["Q", "K", "V", "attn_mask"],
    notes: "Without a key-value cache; a mask of truth values gets no cotangent",
    lower: attend,
  },
};
