/**
 * Nodes of operator sets 7 to 15 in the words of set 16.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { UserError } from "../errors.ts";
import {
  type Attributes,
  findAttribute,
  floatAttribute,
  intAttribute,
  intsAttribute,
  makeAttributes,
  stringAttribute,
} from "./attribute.ts";
import type { DataType } from "./dtype.ts";
import { changed } from "./message.ts";
import { type NodeProto, NodeProtoSchema, type TensorProto } from "./proto/onnx_pb.ts";
import { tensorValues } from "./tensor.ts";

/** The graph whose nodes are upgraded. */
export interface Upgrading {
  /** The operator set that the nodes are written in, 7 to 15. */
  readonly opset: number;
  /** A name that no tensor has. */
  readonly fresh: (hint: string) => string;
  /** Adds a constant; gives its name. */
  readonly constant: (dtype: DataType, shape: readonly number[], values: number[]) => string;
  /** The graph's constants by name. */
  readonly known: ReadonlyMap<string, TensorProto>;
}

/** The nodes that a node becomes. */
type Upgrade = (at: Upgrading, node: NodeProto) => NodeProto[];

/** A node without some attributes, and with inputs in their place. */
function withInputs(node: NodeProto, gone: readonly string[], input: string[]): NodeProto {
  const last = input.findLastIndex((name) => name !== "");
  return changed(node, {
    input: input.slice(0, last + 1),
    attribute: node.attribute.filter(({ name }) => !gone.includes(name)),
  });
}

/** A list of integers that was an attribute, as a constant; nothing where it is not set. */
function listInput(at: Upgrading, node: NodeProto, name: string): string {
  const values = intsAttribute(node, name);
  return values ? at.constant("int64", [values.length], values) : "";
}

/** A number that was an attribute, as a constant scalar; nothing where it is not set. */
function scalarInput(at: Upgrading, node: NodeProto, name: string): string {
  return findAttribute(node, name)
    ? at.constant("float32", [], [floatAttribute(node, name, 0)])
    : "";
}

/** Lists of integers that were attributes become inputs after the first. */
function moveLists(before: number, ...names: string[]): Upgrade {
  return (at, node) =>
    at.opset >= before ? [node] : [
      withInputs(node, names, [node.input[0], ...names.map((name) => listInput(at, node, name))]),
    ];
}

/** Before set 13 a softmax ran over all axes from `axis` on, whose default was 1. */
const flattened: Upgrade = (at, node) => {
  if (at.opset >= 13) return [node];
  const [shape, rows, result] = ["shape", "rows", "softmax"].map(at.fresh);
  const emit = (opType: string, input: string[], output: string[], attributes: Attributes = {}) =>
    create(NodeProtoSchema, { opType, input, output, attribute: makeAttributes(attributes) });
  return [
    emit("Shape", node.input, [shape]),
    emit("Flatten", node.input, [rows], { axis: intAttribute(node, "axis", 1) }),
    changed(node, { input: [rows], output: [result], attribute: makeAttributes({ axis: -1 }) }),
    emit("Reshape", [result, shape], node.output),
  ];
};

/** Upsample, and the first Resize, place their result's elements as `asymmetric` does. */
const resized: Upgrade = (at, node) => {
  if (at.opset >= 11) return [node];
  const list = findAttribute(node, "scales")?.floats;
  const scales = list ? at.constant("float32", [list.length], list) : node.input[1];
  const mode = stringAttribute(node, "mode", "nearest");
  const tensor = at.known.get(scales);
  const values = list ?? (tensor && tensorValues(tensor));
  // Runtimes round otherwise where the first Resize makes an image smaller.
  if (node.opType === "Resize" && mode === "nearest" && !values?.every((scale) => scale >= 1)) {
    throw new UserError(
      `Cannot convert Resize node "${node.name || node.output[0]}" of operator set 10: it rounds`,
      "export the model again with opset 11 or newer",
    );
  }
  return [changed(node, {
    opType: "Resize",
    input: [node.input[0], "", scales],
    attribute: makeAttributes({
      mode,
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: mode === "nearest" ? "floor" : undefined,
    }),
  })];
};

/** Upgrades by operator; operators that are not listed have kept their meaning. */
export const UPGRADES: Readonly<Partial<Record<string, Upgrade>>> = {
  Squeeze: moveLists(13, "axes"),
  Unsqueeze: moveLists(13, "axes"),
  ReduceSum: moveLists(13, "axes"),
  Split: moveLists(13, "split"),
  Slice: moveLists(10, "starts", "ends", "axes"),

  Softmax: flattened,
  LogSoftmax: flattened,
  Hardmax: flattened,

  Upsample: resized,
  Resize: resized,

  Clip: (at, node) => {
    if (at.opset >= 11) return [node];
    const bounds = ["min", "max"].map((name) => scalarInput(at, node, name));
    return [withInputs(node, ["min", "max"], [node.input[0], ...bounds])];
  },

  Pad: (at, node) => {
    if (at.opset >= 11) return [node];
    const inputs = [node.input[0], listInput(at, node, "pads"), scalarInput(at, node, "value")];
    return [withInputs(node, ["pads", "value"], inputs)];
  },

  // In inference the ratio has no effect.
  Dropout: (at, node) => at.opset >= 12 ? [node] : [withInputs(node, ["ratio"], [node.input[0]])],

  TopK: (at, node) => {
    if (at.opset >= 10) return [node];
    const k = at.constant("int64", [1], [intAttribute(node, "k", 1)]);
    return [withInputs(node, ["k"], [node.input[0], k])];
  },

  BatchNormalization: (at, node) => {
    if (at.opset >= 9 || intAttribute(node, "spatial", 1) !== 1) return [node];
    return [withInputs(node, ["spatial"], node.input)];
  },

  Scatter: (at, node) => at.opset >= 11 ? [node] : [changed(node, { opType: "ScatterElements" })],

  // The corners' half pixel is new in set 16.
  RoiAlign: (_, node) => {
    const [mode] = makeAttributes({ coordinate_transformation_mode: "output_half_pixel" });
    return [changed(node, { attribute: [...node.attribute, mode] })];
  },
};
