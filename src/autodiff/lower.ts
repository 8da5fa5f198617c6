/**
 * Writing composite operators in others that have rules, before differentiation.
 *
 * @module
 */
import { UserError } from "../errors.ts";
import { graphOf, type Model } from "../onnx/model.ts";
import { isStandard, NodeView } from "../onnx/node_view.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { readNames } from "../onnx/prune.ts";
import { type Rewrite, rewrite } from "../onnx/rewrite.ts";
import { LOWERINGS } from "./lowerings.ts";

/**
 * The model's graph with composite operators written out; every tensor that had a name keeps it.
 */
export function lower(model: Model): OpBuilder {
  const source = OpBuilder.from(model);
  const graph = graphOf(model);
  const read = new Set([
    ...graph.node.flatMap(readNames),
    ...graph.output.map(({ name }) => name),
  ]);
  return rewrite(source, model, (node): Rewrite | undefined => {
    const lowering = isStandard(node) ? LOWERINGS[node.opType] : undefined;
    if (!lowering) return undefined;
    requireFirstOutput(new NodeView(node, source), read);
    return (g, view) => {
      const y = lowering.lower(g, view);
      return y && [y];
    };
  });
}

/** A lowering makes the first output alone. */
function requireFirstOutput(node: NodeView, read: ReadonlySet<string>): void {
  const extra = node.proto.output.slice(1).find((name) => read.has(name));
  if (extra === undefined) return;
  throw new UserError(
    `Cannot differentiate ${node.label}: its output "${extra}" is used`,
    "only the first output of this operator is supported",
  );
}
