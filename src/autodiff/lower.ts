/**
 * Composite operators are replaced by operators that have rules, before differentiation.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { type Graph, readNames } from "../onnx/graph.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { isStandard, NodeView } from "../onnx/node_view.ts";
import type { OpBuilder } from "../onnx/op_builder.ts";
import { type Rewrite, rewrite } from "../onnx/rewrite.ts";
import { attention } from "./lowerings/attention.ts";
import { einsums } from "./lowerings/einsum.ts";
import { fourier } from "./lowerings/fourier.ts";
import { grid } from "./lowerings/grid.ts";
import { losses } from "./lowerings/losses.ts";
import { rotary } from "./lowerings/rotary.ts";
import { shape } from "./lowerings/shape.ts";
import { normalise } from "./lowerings/normalise.ts";
import { checkAttributes, type LoweringTable } from "./rule.ts";

/**
 * Replaces the composite operators on the way by what they consist of. Every named tensor keeps its
 * name.
 *
 * @param like The model whose versions and metadata the result gets.
 * @param active Tensors on a path from `wrt` to `of`.
 */
export function lower(source: Graph, like: OnnxModel, active: ReadonlySet<string>): OpBuilder {
  const read = new Set([...source.nodes.flatMap(readNames), ...active]);
  return rewrite(source, like, (node): Rewrite | undefined => {
    const lowering = isStandard(node) ? LOWERINGS[node.opType] : undefined;
    const onWay = node.output.some((name) => active.has(name));
    const writable = lowering?.always && node.input.every((name) => source.values.has(name));
    if (!lowering || !(onWay || writable)) return undefined;
    requireFirstOutput(new NodeView(node, source), read);
    checkAttributes(new NodeView(node, source), lowering);
    return (g, view) => {
      const y = lowering.lower(g, view);
      return y && [y];
    };
  });
}

/** Refuses a node of which more than the first output is read: a lowering computes no other. */
function requireFirstOutput(node: NodeView, read: ReadonlySet<string>): void {
  const extra = node.proto.output.slice(1).find((name) => read.has(name));
  if (extra === undefined) return;
  throw new UserError(
    `Cannot differentiate ${node.label}: its output "${extra}" is used`,
    "only the first output of this operator is supported",
  );
}

/** Lowerings by operator of the default domain. */
export const LOWERINGS: LoweringTable = {
  ...normalise,
  ...attention,
  ...einsums,
  ...losses,
  ...grid,
  ...fourier,
  ...rotary,
  ...shape,
};
