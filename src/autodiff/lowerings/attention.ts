/**
 * Attention.
 *
 * @module
 */
import { dataTypeOf, lowest } from "../../onnx/dtype.ts";
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";

/** Y = softmax(scale·Q·Kᵀ + mask)·V, for each head; 0 for a query without an allowed key */
function attend(g: OpBuilder, node: NodeView): Value {
  const heads = (i: number, count: string) => splitHeads(g, node.input(i), node.int(count, 1));
  const q = heads(0, "q_num_heads");
  const [k, v] = [1, 2].map((i) => {
    const [own, past] = [heads(i, "kv_num_heads"), node.inputs[i + 3]];
    return repeatHeads(g, past ? g.concat([past, own], 2) : own, q.shape[1]);
  });
  const scale = node.float("scale", 0) || 1 / Math.sqrt(q.shape[3]);
  const scores = g.matMul(g.mul(q, g.scalar(scale, q)), g.transposeMatrix(k));
  const capped = cap(g, scores, node.float("softcap", 0));
  const { masked, rows } = mask(g, capped, node);
  // A node may compute its softmax in another precision.
  const precision = dataTypeOf(node.int("softmax_precision", 0)) ?? q.dtype;
  const weights = g.cast(g.emit("Softmax", [g.cast(masked, precision)], { axis: -1 }), q.dtype);
  const product = g.matMul(weights, v);
  const y = rows ? g.mul(product, rows) : product;
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

/**
 * Scores plus the mask; keys that are not allowed get the lowest number.
 *
 * @returns The scores, and 1 for each query with an allowed key, else 0, where a query may have none:
 * its result is 0.
 */
function mask(g: OpBuilder, scores: Value, node: NodeView): { masked: Value; rows?: Value } {
  const keys = scores.shape[scores.shape.length - 1];
  const given = node.inputs[3] && padded(g, node.inputs[3], keys);
  const added = given && given.dtype !== "bool"
    ? g.add(scores, g.cast(given, scores.dtype))
    : scores;
  const lengths = node.inputs[6];
  const pattern = lengths ? [1] : allowedKeys(scores.shape.slice(-2), node);
  const allowed: Value[] = lengths ? allowedBefore(g, scores, lengths, node) : [];
  if (pattern.includes(0)) allowed.push(g.constant("bool", scores.shape.slice(-2), pattern));
  if (given?.dtype === "bool") allowed.push(given);
  else if (given) allowed.push(g.emit("Greater", [given, g.scalar(-Infinity, given)]));
  if (allowed.length === 0) return { masked: added };
  const all = allowed.reduce((a, b) => g.emit("And", [a, b]));
  const masked = g.emit("Where", [all, added, g.scalar(lowest(scores.dtype), scores)]);
  const [queries] = scores.shape.slice(-2);
  const some = Array.from(
    { length: queries },
    (_, i) => pattern.slice(i * keys, (i + 1) * keys).includes(1),
  );
  if (!given && !lengths && !some.includes(false)) return { masked };
  return { masked, rows: g.reduce("ReduceMax", g.cast(all, scores.dtype), [all.shape.length - 1]) };
}

/** A mask with as many keys as there are: those it leaves out are not allowed. */
function padded(g: OpBuilder, given: Value, keys: number): Value {
  const axis = given.shape.length - 1;
  const missing = keys - given.shape[axis];
  if (missing <= 0) return given;
  const none = given.dtype === "bool" ? 0 : -Infinity;
  const rest = g.constant(given.dtype, given.shape.with(axis, missing), none);
  return g.concat([given, rest], axis);
}

/**
 * Truth values of keys that a query may attend to where only the first keys of each batch are there:
 * the last query stands at the last of these.
 *
 * @param lengths Number of keys, [batch].
 */
function allowedBefore(g: OpBuilder, scores: Value, lengths: Value, node: NodeView): Value[] {
  const [queries, keys] = scores.shape.slice(-2);
  const { left, right } = reachOf(node);
  const count = g.reshape(lengths, [lengths.shape[0], 1, 1, 1]);
  const numbers = (shape: number[], size: number, first = 0) =>
    g.constant(lengths.dtype, shape, Array.from({ length: size }, (_, i) => first + i));
  const key = numbers([keys], keys);
  // How far each key is ahead of each query.
  const ahead = g.sub(key, g.add(numbers([queries, 1], queries, -queries), count));
  const result = [g.emit("Less", [key, count])];
  if (right < Infinity) result.push(g.emit("LessOrEqual", [ahead, g.scalar(right, ahead)]));
  if (left < Infinity) result.push(g.emit("GreaterOrEqual", [ahead, g.scalar(-left, ahead)]));
  return result;
}

/** How many keys a query reaches behind and ahead of its own. */
function reachOf(node: NodeView): { left: number; right: number } {
  const bound = (name: string) => {
    const size = node.int(name, -1);
    return size < 0 ? Infinity : size;
  };
  const right = bound("right_window_size");
  const causal = node.int("is_causal", 0) === 1;
  return { left: bound("left_window_size"), right: causal ? Math.min(0, right) : right };
}

/** 1 where a query (row) may attend to a key (column) by its place: causally, within a window. */
function allowedKeys([queries, keys]: readonly number[], node: NodeView): number[] {
  // Queries come after the keys of the past.
  const past = node.inputs[4]?.shape[2] ?? 0;
  const { left, right } = reachOf(node);
  return Array.from({ length: queries * keys }, (_, i) => {
    const ahead = i % keys - Math.floor(i / keys) - past;
    return ahead <= right && -ahead <= left ? 1 : 0;
  });
}

/** Attention. */
export const attention: LoweringTable = {
  Attention: {
    inputs: ["Q", "K", "V", "attn_mask", "past_key", "past_value"],
    attributes: [
      ...["is_causal", "kv_num_heads", "left_window_size", "q_num_heads", "qk_matmul_output_mode"],
      ...["right_window_size", "scale", "softcap", "softmax_precision"],
    ],
    notes: "Through the first output alone; a mask of truth values gets no cotangent",
    lower: attend,
  },
};
