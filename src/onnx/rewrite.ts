/**
 * Replaces some nodes of a graph.
 *
 * @module
 */
import type { Graph } from "./graph.ts";
import type { OnnxModel } from "./model.ts";
import { NodeView, withNode } from "./node_view.ts";
import { OpBuilder } from "./op_builder.ts";
import type { NodeProto } from "./proto/onnx_pb.ts";
import type { Value } from "./value.ts";

/**
 * Emits the nodes that replace a node and returns the values of its outputs, in order. To keep the
 * node, it emits nothing and returns `undefined`.
 */
export type Rewrite = (g: OpBuilder, node: NodeView) => readonly Value[] | undefined;

/**
 * A copy of a graph with some nodes replaced. Every named tensor keeps its name; weights are shared.
 *
 * @param like The model whose versions and metadata the copy gets.
 * @param choose The rewrite of a node; `undefined` keeps it as it is.
 */
export function rewrite(
  source: Graph,
  like: OnnxModel,
  choose: (node: NodeProto) => Rewrite | undefined,
): OpBuilder {
  const g = new OpBuilder(like);
  g.reserve(source.values.keys());
  for (const tensor of source.initializers.values()) g.addInitializer(tensor);
  for (const input of source.inputs) g.addInput(input);
  for (const node of source.nodes) {
    const view = new NodeView(node, source);
    withNode(view, "rewrite", () => {
      const values = choose(node)?.(g, view);
      if (values) values.forEach((value, i) => g.rename(value, node.output[i]));
      else g.addNode(node);
    });
    for (const name of node.output) g.declare(name, source.values.get(name));
  }
  return g;
}
