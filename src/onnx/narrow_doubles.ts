/**
 * Turning float64 arithmetic into float32.
 *
 * @module
 */
import { externalOf, tensorsOf } from "./external.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import {
  type AttributeProto,
  type GraphProto,
  type TensorProto,
  TensorProto_DataType as Code,
  type ValueInfoProto,
} from "./proto/onnx_pb.ts";
import { makeTensor, tensorValues } from "./tensor.ts";
import { asFloat32, isFloat64 } from "./value_info.ts";

/** The largest float32 number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * Narrows every float64 tensor of a model to float32. PyTorch's exporter since 2023 widens the layer
 * normalisations of a float16 network to float64 and back, which WebGPU cannot compute; float32 is as
 * wide as their statistics need.
 *
 * @returns The model given, if it has no float64, or keeps such weights outside the graph.
 *
 * @example
 * ```ts
 * import { dataTypeCode } from "./dtype.ts";
 * import { GraphBuilder } from "./graph_builder.ts";
 * import { graphOf } from "./model.ts";
 * import { narrowDoubles } from "./narrow_doubles.ts";
 *
 * const g = new GraphBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float16", shape: [1] });
 * const wide = g.emit("Cast", [x], { to: dataTypeCode("float64") });
 * const sum = g.emit("Add", [wide, g.constant("float64", [1], 0.5)]);
 * const model = narrowDoubles(g.build([g.emit("Cast", [sum], { to: dataTypeCode("float16") })]));
 * console.assert(graphOf(model).initializer[0].dataType === dataTypeCode("float32"));
 * ```
 */
export function narrowDoubles(model: OnnxModel): OnnxModel {
  const graph = graphOf(model);
  if (tensorsOf(model).some((tensor) => isDouble(tensor) && externalOf(tensor))) return model;
  return hasDoubles(graph) ? changed(model, { graph: narrowGraph(graph) }) : model;
}

function hasDoubles({ initializer, input, output, node }: GraphProto): boolean {
  return initializer.some(isDouble) || [...input, ...output].some(isFloat64) ||
    node.some(({ attribute }) =>
      attribute.some((one) => one.g ? hasDoubles(one.g) : narrowAttribute(one) !== one)
    );
}

function narrowGraph(graph: GraphProto): GraphProto {
  const infos = (list: readonly ValueInfoProto[]) =>
    list.map((info) => isFloat64(info) ? asFloat32(info) : info);
  return changed(graph, {
    initializer: graph.initializer.map(narrowTensor),
    node: graph.node.map((one) => changed(one, { attribute: one.attribute.map(narrowAttribute) })),
    input: infos(graph.input),
    output: infos(graph.output),
    valueInfo: infos(graph.valueInfo),
  });
}

/** The attributes that name an element type are `to` of casts and `dtype` of what makes tensors. */
function narrowAttribute(attribute: AttributeProto): AttributeProto {
  const { name, i, t, g } = attribute;
  if ((name === "to" || name === "dtype") && Number(i) === Code.DOUBLE) {
    return changed(attribute, { i: BigInt(Code.FLOAT) });
  }
  if (t && isDouble(t)) return changed(attribute, { t: narrowTensor(t) });
  return g ? changed(attribute, { g: narrowGraph(g) }) : attribute;
}

function narrowTensor(tensor: TensorProto): TensorProto {
  if (!isDouble(tensor)) return tensor;
  const { name, dims } = tensor;
  return makeTensor(name, "float32", dims.map(Number), tensorValues(tensor)!.map(finite));
}

/** Finite numbers stay finite: a mask's least number must not become −∞, which less itself is NaN. */
function finite(value: number): number {
  return Number.isFinite(value) ? Math.max(-LARGEST, Math.min(value, LARGEST)) : value;
}

function isDouble({ dataType }: TensorProto): boolean {
  return dataType === Code.DOUBLE;
}
