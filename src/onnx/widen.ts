/**
 * Turning a float16 model into a float32 one.
 *
 * @module
 */
import type { ByteSource } from "../files/byte_source.ts";
import { externalEntries, externalOf } from "./external.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import {
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as Code,
  type ValueInfoProto,
} from "./proto/onnx_pb.ts";
import { makeTensor, tensorType, tensorValues } from "./tensor.ts";
import { sizeOf } from "./value.ts";
import { asFloat32, isFloat16 } from "./value_info.ts";

/** What external data is called once it is float32. */
export function widenedLocation(location: string): string {
  return `${location}.float32`;
}

/**
 * A file of float16 numbers, read as if it held them as float32: each byte's place counts twice.
 *
 * @example
 * ```ts
 * import { memorySource } from "../files/byte_source.ts";
 * import { widenedSource } from "./widen.ts";
 *
 * const halves = new Uint8Array(new Float16Array([1, 2.5]).buffer);
 * const bytes = widenedSource(memorySource(halves)).read(4, 4);
 * console.assert(new DataView(bytes.buffer).getFloat32(0, true) === 2.5);
 * ```
 */
export function widenedSource(source: ByteSource): ByteSource {
  return {
    size: 2 * source.size,
    read: (offset, length) => widened(source.read(offset / 2, length / 2)),
  };
}

/**
 * Widens every float16 tensor of a model to float32: weights, inputs, outputs and what is computed in
 * between. Weights that were float16 only to be small, and are cast before they are used, lose the
 * cast. External data is then to be found at {@linkcode widenedLocation}.
 *
 * @example
 * ```ts
 * import { GraphBuilder } from "./graph_builder.ts";
 * import { graphOf } from "./model.ts";
 * import { widen } from "./widen.ts";
 *
 * const g = new GraphBuilder({ opset: 18 });
 * const x = g.addInput({ name: "x", dtype: "float16", shape: [1] });
 * const model = widen(g.build([g.emit("Add", [x, g.constant("float16", [1], 0.5)])]));
 * console.assert(new Float32Array(graphOf(model).initializer[0].rawData.slice().buffer)[0] === 0.5);
 * ```
 */
export function widen(model: OnnxModel): OnnxModel {
  return changed(model, { graph: widenGraph(graphOf(model)) });
}

/** Whether a model holds float16 numbers. */
export function hasFloat16(model: OnnxModel): boolean {
  return graphOf(model).initializer.some(isNarrow) || computesInFloat16(model);
}

/** Whether a model computes with float16 numbers, and does not only store its weights so. */
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

/** A graph's nodes without casts of float16 weights to float32; and the weights by the casts' names. */
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
  // A view of 2-byte numbers must start at an even place.
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const halves = new Float16Array(buffer as ArrayBuffer, byteOffset, length / 2);
  return new Uint8Array(new Float32Array(halves).buffer);
}
