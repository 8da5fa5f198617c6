/**
 * How composite operators are written out.
 *
 * @module
 */
import { float } from "../onnx/attribute.ts";
import type { NodeView } from "../onnx/node_view.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import { sizeOf, type Value } from "../onnx/value.ts";

/** Emits what a node consists of and returns the value of its first output. */
export type Lowering = (g: OpBuilder, node: NodeView) => Value;

/** Lowerings by operator. */
export const LOWERINGS: Readonly<Partial<Record<string, Lowering>>> = {
  // Each group of channels is one channel of an instance normalisation; scale and bias come after.
  GroupNormalization: (g, node) => {
    const [x, scale, bias] = [node.input(0), node.input(1), node.input(2)];
    const [n, c, ...spatial] = x.shape;
    const groups = node.int("num_groups", 1);
    const perGroup = (value: number) =>
      g.constant(scale.dtype, [groups], new Array(groups).fill(value));
    const grouped = g.reshape(x, [n, groups, sizeOf(x.shape) / (n * groups)]);
    const normal = g.emit("InstanceNormalization", [grouped, perGroup(1), perGroup(0)], {
      epsilon: float(node.float("epsilon", 1e-5)),
    });
    // Before operator set 21 scale and bias were given per group.
    const perChannel = (value: Value) => {
      const repeated = value.shape[0] === c
        ? value
        : g.expand(g.reshape(value, [groups, 1]), [groups, c / groups]);
      return g.reshape(repeated, [c, ...spatial.map(() => 1)]);
    };
    return g.add(g.mul(g.reshape(normal, x.shape), perChannel(scale)), perChannel(bias));
  },
};
