/**
 * Padding before a convolution becomes the convolution's own.
 *
 * @module
 */
import { makeAttributes } from "./attribute.ts";
import { Graph, readNames } from "./graph.ts";
import { padAmounts } from "./infer/shape.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { isStandard, NodeView } from "./node_view.ts";
import type { NodeProto } from "./proto/onnx_pb.ts";
import { rewrite } from "./rewrite.ts";

/**
 * Turns a `Pad` node that puts zeros around the input of convolutions into the convolutions' own
 * padding. That saves a padded copy: a down-sampling VAE encoder pads its largest tensors.
 *
 * @param model With fixed shapes.
 * @returns The same model, if it has no such node.
 */
export function fusePads(model: OnnxModel): OnnxModel {
  const graph = Graph.from(model);
  const outputs = graphOf(model).output.map(({ name }) => name);
  const kept = new Set(outputs);
  // Where another node reads the padded copy too, it has to be computed anyway.
  for (const node of graph.nodes) {
    const [x, ...others] = readNames(node);
    if (!padsItself(node)) kept.add(x);
    for (const name of others) kept.add(name);
  }
  const pads = new Map<string, { node: NodeProto; amounts: number[] }>();
  for (const node of graph.nodes) {
    const amounts = zerosAround(new NodeView(node, graph));
    if (amounts && !kept.has(node.output[0])) pads.set(node.output[0], { node, amounts });
  }
  if (pads.size === 0) return model;
  const g = rewrite(graph, model, (node) => {
    if (pads.has(node.output[0])) return () => [];
    const pad = padsItself(node) ? pads.get(node.input[0]) : undefined;
    if (!pad) return undefined;
    return (g) => {
      const own = new NodeView(node, graph).ints("pads");
      const sum = pad.amounts.map((amount, i) => amount + (own?.[i] ?? 0));
      const output = [g.fresh(node.output[0])];
      g.addNode(changed(node, {
        input: node.input.with(0, pad.node.input[0]),
        output,
        attribute: [
          ...node.attribute.filter(({ name }) => name !== "pads"),
          ...makeAttributes({ pads: sum }),
        ],
      }));
      return [g.value(output[0])];
    };
  });
  return g.build(outputs.map((name) => g.value(name)));
}

function padsItself(node: NodeProto): boolean {
  return isStandard(node) && node.opType === "Conv" &&
    !node.attribute.some(({ name, s }) =>
      name === "auto_pad" && new TextDecoder().decode(s) !== "NOTSET"
    );
}

/** The zeros that a `Pad` node puts before and after each spatial axis; `undefined` for other nodes. */
function zerosAround(node: NodeView): number[] | undefined {
  if (
    !isStandard(node.proto) || node.op !== "Pad" || node.string("mode", "constant") !== "constant"
  ) {
    return undefined;
  }
  if (node.proto.input[2] && node.constant(2)?.[0] !== 0) return undefined;
  const amounts = padAmounts(node);
  const [batch, channels, ...spatial] = amounts;
  const zero = [batch, channels].every(({ before, after }) => before === 0 && after === 0);
  const pads = [...spatial.map(({ before }) => before), ...spatial.map(({ after }) => after)];
  return zero && pads.every((amount) => amount >= 0) ? pads : undefined;
}
