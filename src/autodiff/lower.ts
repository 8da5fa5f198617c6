/**
 * Composite operators, written out in the operators they consist of before differentiation.
 *
 * @module
 */
import { graphOf, type Model } from "../onnx/model.ts";
import { NodeView } from "../onnx/node_view.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { LOWERINGS } from "./lowerings.ts";

/** The model's graph with composite operators written out; every tensor that had a name keeps it. */
export function lower(model: Model): OpBuilder {
  const source = OpBuilder.from(model);
  const g = new OpBuilder(model);
  g.reserve(source.values.keys());
  for (const tensor of source.initializers.values()) g.addInitializer(tensor);
  for (const input of source.inputs) g.addInput(input);
  for (const node of graphOf(model).node) {
    const lowering = LOWERINGS[node.opType];
    if (!lowering) {
      g.addNode(node);
      for (const name of node.output) g.declare(name, source.values.get(name));
      continue;
    }
    const view = new NodeView(node, source);
    g.rename(lowering(g, view), node.output[0]);
  }
  return g;
}
