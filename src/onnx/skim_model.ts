/**
 * Reading a model without its weights.
 *
 * @module
 */
import { fromBinary } from "npm:@bufbuild/protobuf@2.17.0";
import type { ByteSource } from "../files/byte_source.ts";
import { externalEntries } from "./external.ts";
import { changed } from "./message.ts";
import { type OnnxModel, parseModel, type ReadOptions } from "./model.ts";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
  TensorProtoSchema,
} from "./proto/onnx_pb.ts";
import { protobufFields } from "./protobuf_fields.ts";

/** Numbers of fields in onnx.proto. */
const MODEL_GRAPH = 7, GRAPH_INITIALIZER = 5, TENSOR_RAW_DATA = 9;

/** Weights of at most this many bytes are read: shape arithmetic and norms' scales are among them. */
export const KEPT_BYTES = 1 << 16;

/**
 * Reads an ONNX model and leaves its weights where they are: each initializer of more than
 * {@linkcode KEPT_BYTES} becomes external data, at its place in the very file it is in. A model of
 * gigabytes then takes a few megabytes of memory.
 *
 * @param source The content of an `.onnx` file.
 * @param location What the external data shall call that file.
 * @param name What to call the model in error messages.
 * @throws {UserError} If it is not an ONNX model, or its operator set is too old.
 *
 * @example
 * ```ts
 * import { memorySource } from "../files/byte_source.ts";
 * import { skimModel } from "./skim_model.ts";
 *
 * const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
 * const model = skimModel(memorySource(await Deno.readFile(url)), "model.onnx");
 * console.assert(model.graph!.initializer.some(({ externalData }) => externalData.length === 3));
 * ```
 */
export function skimModel(
  source: ByteSource,
  location: string,
  name: string = location,
  options?: ReadOptions,
): OnnxModel {
  return parseModel(name, () => skim(source, location), options);
}

function skim(source: ByteSource, location: string): OnnxModel {
  // A message without some of its fields is the others' bytes, joined.
  const header: Uint8Array[] = [], rest: Uint8Array[] = [];
  const initializers: TensorProto[] = [];
  for (const field of protobufFields(source)) {
    if (field.number !== MODEL_GRAPH) {
      header.push(field.read());
      continue;
    }
    for (const inner of field.fields()) {
      if (inner.number !== GRAPH_INITIALIZER) rest.push(inner.read());
      else initializers.push(skimTensor(inner, location));
    }
  }
  const model = fromBinary(ModelProtoSchema, joined(header));
  if (rest.length > 0) {
    model.graph = fromBinary(GraphProtoSchema, joined(rest));
    model.graph.initializer = initializers;
  }
  return model;
}

function skimTensor(
  tensor: { fields: () => ReturnType<typeof protobufFields> },
  location: string,
): TensorProto {
  const parts: Uint8Array[] = [];
  let external: { offset: number; length: number } | undefined;
  for (const field of tensor.fields()) {
    const { number, start, end } = field;
    const large = number === TENSOR_RAW_DATA && end - start > KEPT_BYTES;
    if (large) external = { offset: start, length: end - start };
    else parts.push(field.read());
  }
  const proto = fromBinary(TensorProtoSchema, joined(parts));
  if (!external) return proto;
  return changed(proto, {
    dataLocation: Location.EXTERNAL,
    externalData: externalEntries({ location, ...external }),
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
