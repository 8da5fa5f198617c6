/**
 * Rotary position embeddings.
 *
 * @module
 */
import type { NodeView } from "../../onnx/node_view.ts";
import type { OpBuilder } from "../../onnx/op_builder.ts";
import { sizeOf, type Value } from "../../onnx/value.ts";
import type { LoweringTable } from "../rule.ts";

/** (a, b) ↦ (a·cos − b·sin, a·sin + b·cos) for pairs of each head's first elements */
function rotate(g: OpBuilder, node: NodeView): Value {
  const x = node.input(0);
  const whole = x.shape.length === 4;
  const [batch, length] = whole ? [x.shape[0], x.shape[2]] : x.shape;
  const heads = whole ? x.shape[1] : node.int("num_heads", 1);
  const size = sizeOf(x.shape) / (batch * length * heads);
  const turned = node.int("rotary_embedding_dim", 0) || size;
  // [batch, length, heads, size]
  const apart = whole ? g.transpose(x, [0, 2, 1, 3]) : g.reshape(x, [batch, length, heads, size]);
  const positions = node.inputs[3];
  const angles = [1, 2].map((i) => {
    const cache = node.input(i);
    const rows = positions ? g.emit("Gather", [cache, positions], { axis: 0 }) : cache;
    return g.reshape(g.slice(rows, -1, 0, turned / 2), [batch, length, 1, turned / 2]);
  });
  const [cos, sin] = angles;
  const head = g.slice(apart, 3, 0, turned);
  const interleaved = node.int("interleaved", 0) === 1;
  const [a, b] = [0, 1].map((i) =>
    interleaved
      ? g.slice(head, 3, i, turned, 2)
      : g.slice(head, 3, i * turned / 2, (i + 1) * turned / 2)
  );
  const real = g.sub(g.mul(a, cos), g.mul(b, sin));
  const imaginary = g.add(g.mul(a, sin), g.mul(b, cos));
  const pair = (part: Value) => g.reshape(part, [...part.shape, 1]);
  const together = interleaved
    ? g.reshape(g.concat([pair(real), pair(imaginary)], 4), head.shape)
    : g.concat([real, imaginary], 3);
  const all = turned < size ? g.concat([together, g.slice(apart, 3, turned, size)], 3) : together;
  return whole ? g.transpose(all, [0, 2, 1, 3]) : g.reshape(all, x.shape);
}

/** Rotary embeddings. */
export const rotary: LoweringTable = {
  RotaryEmbedding: {
    inputs: ["X", "cos_cache", "sin_cache"],
    attributes: ["interleaved", "num_heads", "rotary_embedding_dim"],
    lower: rotate,
  },
};
