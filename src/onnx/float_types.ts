/**
 * Changes the float types of a model: float16 to float32, float64 to float32, or only those of its
 * inputs and outputs.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import type { ByteSource } from "../files/byte_source.ts";
import { makeAttributes } from "./attribute.ts";
import { renameNode } from "./inline.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import {
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as Code,
  type ValueInfoProto,
} from "./proto/onnx_pb.ts";
import {
  externalEntries,
  externalOf,
  makeTensor,
  tensorsOf,
  tensorType,
  tensorValues,
} from "./tensor.ts";
import { sizeOf } from "./value.ts";
import { asFloat32, isFloat16, isFloat64 } from "./value_info.ts";

/** The file name of external data after widening. */
export function widenedLocation(location: string): string {
  return `${location}.float32`;
}

/**
 * Reads a file of float16 numbers as float32 numbers. Offsets and lengths are those of float32.
 */
export function widenedSource(source: ByteSource): ByteSource {
  return {
    size: 2 * source.size,
    read: (offset, length) => widened(source.read(offset / 2, length / 2)),
  };
}

/**
 * Widens every float16 tensor of a model to float32: weights, inputs, outputs and what is computed in
 * between. A cast of float16 weights to float32 is dropped. External data is renamed to
 * {@linkcode widenedLocation}.
 */
export function widen(model: OnnxModel): OnnxModel {
  return changed(model, { graph: widenGraph(graphOf(model)) });
}

/** Tells whether a model holds float16 numbers. */
export function hasFloat16(model: OnnxModel): boolean {
  return graphOf(model).initializer.some(isNarrow) || computesInFloat16(model);
}

/** Tells whether a model computes with float16 numbers; storing weights in float16 does not count. */
export function computesInFloat16(model: OnnxModel): boolean {
  const { initializer, node, input } = graphOf(model);
  const narrow = new Set(initializer.filter(isNarrow).map(({ name }) => name));
  return input.some(isFloat16) ||
    node.some((one) =>
      one.attribute.some((attribute) => widenAttribute(attribute) !== attribute) ||
      (one.input.some((name) => narrow.has(name)) && !castsToFloat32(one))
    );
}

function widenGraph(graph: GraphProto): GraphProto {
  const initializer = graph.initializer.map(widenTensor);
  const { node, renamed } = withoutCasts(graph);
  const infos = (list: readonly ValueInfoProto[]) =>
    list.map((info) => isFloat16(info) ? asFloat32(info) : info);
  return changed(graph, {
    initializer,
    node: node.map((one) =>
      changed(one, {
        input: one.input.map((name) => renamed.get(name) ?? name),
        attribute: one.attribute.map(widenAttribute),
      })
    ),
    input: infos(graph.input),
    output: infos(graph.output),
    valueInfo: infos(graph.valueInfo.filter(({ name }) => !renamed.has(name))),
  });
}

/** A graph's nodes without casts of float16 weights to float32, and the weights by the casts' names. */
function withoutCasts({ node, initializer, output }: GraphProto) {
  const narrow = new Set(initializer.filter(isNarrow).map(({ name }) => name));
  const ends = new Set(output.map(({ name }) => name));
  const renamed = new Map<string, string>();
  const kept = node.filter((one) => {
    const { input, output: [name] } = one;
    const drop = narrow.has(input[0]) && !ends.has(name) && castsToFloat32(one);
    if (drop) renamed.set(name, input[0]);
    return !drop;
  });
  return { node: kept, renamed };
}

function castsToFloat32({ opType, attribute }: NodeProto): boolean {
  return opType === "Cast" &&
    attribute.some(({ name, i }) => name === "to" && Number(i) === Code.FLOAT);
}

function widenTensor(tensor: TensorProto): TensorProto {
  if (!isNarrow(tensor)) return tensor;
  const external = externalOf(tensor);
  if (!external) {
    if (tensor.rawData.length > 0) {
      return changed(tensor, { dataType: Code.FLOAT, rawData: widened(tensor.rawData) });
    }
    const { name, dims } = tensor;
    return makeTensor(name, "float32", dims.map(Number), tensorValues(tensor)!);
  }
  const { location, offset } = external;
  const length = 4 * sizeOf(tensorType(tensor)!.shape);
  const entries = externalEntries({
    location: widenedLocation(location),
    offset: 2 * offset,
    length,
  });
  return changed(tensor, { dataType: Code.FLOAT, externalData: entries });
}

/** The attributes that name an element type are `to` of casts and `dtype` of what makes tensors. */
function widenAttribute(attribute: AttributeProto): AttributeProto {
  const { name, i, t, g } = attribute;
  if ((name === "to" || name === "dtype") && Number(i) === Code.FLOAT16) {
    return changed(attribute, { i: BigInt(Code.FLOAT) });
  }
  if (t && isNarrow(t)) return changed(attribute, { t: widenTensor(t) });
  return g ? changed(attribute, { g: widenGraph(g) }) : attribute;
}

function isNarrow({ dataType }: TensorProto): boolean {
  return dataType === Code.FLOAT16;
}

/** The bytes of the same numbers as float32. */
function widened(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // A view of 2-byte numbers must start at an even offset.
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const halves = new Float16Array(buffer as ArrayBuffer, byteOffset, length / 2);
  return new Uint8Array(new Float32Array(halves).buffer);
}

/** The largest float32 number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * Narrows every float64 tensor of a model to float32. PyTorch's exporter since 2023 widens the layer
 * normalisations of a float16 network to float64 and back, which WebGPU cannot compute; float32 is as
 * wide as their statistics need.
 *
 * @returns The model given, if it has no float64, or keeps such weights outside the graph.
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

/** Keeps finite numbers finite: −∞ in a mask would give NaN, since −∞ − (−∞) is NaN. */
function finite(value: number): number {
  return Number.isFinite(value) ? Math.max(-LARGEST, Math.min(value, LARGEST)) : value;
}

function isDouble({ dataType }: TensorProto): boolean {
  return dataType === Code.DOUBLE;
}

/**
 * Turns float16 inputs and outputs of a model into float32 ones. Each keeps its name; a cast connects
 * it with the graph.
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
        ...graph.node.map((node) => renameNode(node, rename)),
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
