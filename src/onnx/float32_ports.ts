/**
 * Inputs and outputs in float32 around a float16 graph.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { makeAttributes } from "./attribute.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import {
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as Code,
  type ValueInfoProto,
} from "./proto/onnx_pb.ts";
import { asFloat32, isFloat16 } from "./value_info.ts";

/**
 * Gives a model float32 inputs and outputs where it has float16 ones: each keeps its name, and a cast
 * stands between it and the graph.
 *
 * @example
 * ```ts
 * import { float32Ports } from "./float32_ports.ts";
 * import { GraphBuilder } from "./graph_builder.ts";
 * import { graphOf } from "./model.ts";
 * import { declaration } from "./value_info.ts";
 *
 * const g = new GraphBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float16", shape: [1] });
 * const model = float32Ports(g.build([g.rename(g.emit("Neg", [x]), "y")]));
 * const { input, output } = graphOf(model);
 * console.assert(declaration(input[0])?.dtype === "float32" && input[0].name === "x");
 * console.assert(declaration(output[0])?.dtype === "float32" && output[0].name === "y");
 * ```
 */
export function float32Ports(model: OnnxModel): OnnxModel {
  const graph = graphOf(model);
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter((info) => isFloat16(info) && !weights.has(info.name));
  const outputs = graph.output.filter(isFloat16);
  if (inputs.length + outputs.length === 0) return model;
  const inside = new Map([...inputs, ...outputs].map(({ name }) => [name, `${name}.float16`]));
  const rename = (name: string) => inside.get(name) ?? name;
  const widen = (info: ValueInfoProto) => inside.has(info.name) ? asFloat32(info) : info;
  return changed(model, {
    graph: changed(graph, {
      node: [
        ...inputs.map(({ name }) => cast(name, rename(name), Code.FLOAT16)),
        ...graph.node.map((node) => renameAll(node, rename)),
        ...outputs.map(({ name }) => cast(rename(name), name, Code.FLOAT)),
      ],
      input: graph.input.map(widen),
      output: graph.output.map(widen),
      valueInfo: graph.valueInfo.filter(({ name }) => !inside.has(name)),
    }),
  });
}

function cast(from: string, to: string, type: Code): NodeProto {
  return create(NodeProtoSchema, {
    opType: "Cast",
    input: [from],
    output: [to],
    attribute: makeAttributes({ to: type }),
  });
}

/** A node that reads and writes other names; subgraphs read the outer ones too. */
function renameAll(node: NodeProto, rename: (name: string) => string): NodeProto {
  const inner = (graph: GraphProto) =>
    changed(graph, { node: graph.node.map((one) => renameAll(one, rename)) });
  return changed(node, {
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.map((one) => one.g ? changed(one, { g: inner(one.g) }) : one),
  });
}
