/**
 * Operators of the domain com.microsoft, as optimisers of graphs write them, in ONNX's own.
 *
 * @module
 */
import type { NodeView } from "./node_view.ts";
import type { OpBuilder } from "./op_builder.ts";
import type { Value } from "./value.ts";

/**
 * Emits the nodes that compute what a node of com.microsoft does.
 *
 * @returns Its outputs, those that nothing reads left out; `undefined` for an operator, or a use of
 * one, that is not known.
 */
export function writeOutMicrosoft(
  g: OpBuilder,
  node: NodeView,
): readonly (Value | undefined)[] | undefined {
  const write = Object.hasOwn(OPERATORS, node.op) ? OPERATORS[node.op] : undefined;
  if (!write || !node.inputs[0]) return undefined;
  const known = node.proto.input.every((name, i) => name === "" || node.inputs[i] !== undefined);
  const values = known ? write(g, node) : undefined;
  const missing = node.proto.output.some((name, i) => name !== "" && !values?.[i]);
  return missing ? undefined : values;
}

type WriteOut = (g: OpBuilder, node: NodeView) => (Value | undefined)[] | undefined;

const OPERATORS: Readonly<Record<string, WriteOut>> = {
  // ½x·(1 + erf(x/√2))
  Gelu: (g, node) => {
    const x = node.input(0);
    const erf = g.emit("Erf", [g.mul(x, g.scalar(Math.SQRT1_2, x))]);
    const half = g.mul(x, g.scalar(0.5, x));
    return [g.mul(half, g.add(erf, g.scalar(1, x)))];
  },

  // x·σ(αx)
  QuickGelu: (g, node) => {
    const x = node.input(0);
    const scaled = g.mul(x, g.scalar(node.float("alpha", 1.702), x));
    return [g.mul(x, g.emit("Sigmoid", [scaled]))];
  },

  // γ·(s − μ)/√(v + ε) + β of s = x + skip + bias; s is the fourth output
  SkipLayerNormalization: (g, node) => {
    const [x, skip, gamma, beta, bias] = node.inputs;
    if (!x || !skip || !gamma) return undefined;
    const sum = bias ? g.add(g.add(x, skip), bias) : g.add(x, skip);
    const axes = [sum.shape.length - 1];
    const centred = g.sub(sum, g.reduce("ReduceMean", sum, axes));
    const variance = g.reduce("ReduceMean", g.mul(centred, centred), axes);
    const epsilon = g.scalar(node.float("epsilon", 1e-12), variance);
    const normal = g.div(centred, g.emit("Sqrt", [g.add(variance, epsilon)]));
    const scaled = g.mul(normal, gamma);
    return [beta ? g.add(scaled, beta) : scaled, undefined, undefined, sum];
  },

  // softmax(scale·Q·Kᵀ + attention bias)·V for each head, without masks and past keys
  MultiHeadAttention: (g, node) => {
    const [q, k, v, bias, padding, added, ...past] = node.inputs;
    const flat = (one?: Value) => one !== undefined && one.shape.length === 3;
    if (!q || !k || !v || ![q, k, v].every(flat)) return undefined;
    if (padding || past.some(Boolean) || node.int("unidirectional", 0) === 1) return undefined;
    const count = node.int("num_heads", 1);
    let from = 0;
    const [qs, ks, vs] = [q, k, v].map((x) => {
      const [batch, length, width] = x.shape;
      const own = bias && g.slice(bias, 0, from, from + width);
      from += width;
      const shifted = own ? g.add(x, own) : x;
      const heads = g.reshape(shifted, [batch, length, count, width / count]);
      return g.transpose(heads, [0, 2, 1, 3]);
    });
    const scale = node.float("scale", 0) || 1 / Math.sqrt(qs.shape[3]);
    const scores = g.matMul(g.mul(qs, g.scalar(scale, qs)), g.transposeMatrix(ks));
    const weights = g.emit("Softmax", [added ? g.add(scores, added) : scores], { axis: -1 });
    const heads = g.transpose(g.matMul(weights, vs), [0, 2, 1, 3]);
    return [g.reshape(heads, [q.shape[0], q.shape[1], v.shape[2]])];
  },
};
