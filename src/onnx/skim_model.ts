/**
 * Reads a model without its weights.
 *
 * @module
 */
import { fromBinary } from "npm:@bufbuild/protobuf@2.17.0";
import type { ByteSource } from "../files/byte_source.ts";
import { changed } from "./message.ts";
import { type OnnxModel, parseModel, type ReadOptions, refusePointer } from "./model.ts";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
  TensorProtoSchema,
} from "./proto/onnx_pb.ts";
import { externalEntries } from "./tensor.ts";

/** Numbers of fields in onnx.proto. */
const MODEL_GRAPH = 7, GRAPH_INITIALIZER = 5, TENSOR_RAW_DATA = 9;

/** Weights of at most this many bytes are read: constants of shape arithmetic, scales of norms. */
export const KEPT_BYTES = 1 << 16;

/**
 * Reads an ONNX model without its weights: each initializer of more than {@linkcode KEPT_BYTES} becomes
 * external data that refers to its place in the model's own file. A model of gigabytes then takes a few
 * megabytes of memory.
 *
 * @param source The content of an `.onnx` file.
 * @param location The name of that file in the external data.
 * @param name The model's name in error messages.
 * @throws {UserError} If it is not an ONNX model, or its operator set is too old.
 */
export function skimModel(
  source: ByteSource,
  location: string,
  name: string = location,
  options?: ReadOptions,
): OnnxModel {
  refusePointer(source.read(0, Math.min(source.size, 64)), name);
  return parseModel(name, () => skim(source, location), options);
}

function skim(source: ByteSource, location: string): OnnxModel {
  // The bytes of a message without some fields are those of the other fields, joined.
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

function skimTensor(tensor: ProtobufField, location: string): TensorProto {
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

/** Protobuf's wire types, and the lengths of those that have one. */
const VARINT = 0, LENGTH_DELIMITED = 2;
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** Bytes that are read at once. */
const WINDOW = 1 << 16;

/** A field of a message. */
interface ProtobufField {
  /** Its number in the message's definition. */
  readonly number: number;
  /** Where its content begins in the source. */
  readonly start: number;
  /** Where its content ends. */
  readonly end: number;
  /** The whole field's bytes, tag and length included. */
  read(): Uint8Array;
  /** The fields of its content, if that is a message. */
  fields(): Generator<ProtobufField>;
}

/**
 * The fields of a protobuf message, in order. The content of a field is read on request only.
 *
 * @throws {Error} The message is damaged or ends too early.
 */
function protobufFields(source: ByteSource): Generator<ProtobufField> {
  return fieldsOf(windowed(source), 0, source.size);
}

function* fieldsOf(source: ByteSource, from: number, to: number): Generator<ProtobufField> {
  for (let position = from; position < to;) {
    const tag = varint(source, position);
    const number = Math.floor(tag.value / 8);
    const start = tag.end;
    const end = endOf(source, tag.value % 8, start, to);
    const begin = position;
    const content = tag.value % 8 === LENGTH_DELIMITED ? varint(source, start).end : start;
    yield {
      number,
      start: content,
      end,
      read: () => source.read(begin, end - begin),
      fields: () => fieldsOf(source, content, end),
    };
    position = end;
  }
}

function endOf(source: ByteSource, type: number, start: number, to: number): number {
  let end: number;
  if (type === VARINT) end = varint(source, start).end;
  else if (type === LENGTH_DELIMITED) {
    const length = varint(source, start);
    end = length.end + length.value;
  } else end = start + (FIXED[type] ?? NaN);
  if (!(end <= to)) throw new Error("its protobuf data is damaged or ends too early");
  return end;
}

/** A number in pieces of 7 bits, the lowest first; lengths are far below 2⁵³. */
function varint(source: ByteSource, position: number): { value: number; end: number } {
  for (let value = 0, scale = 1, end = position;; scale *= 128) {
    if (end >= source.size || end - position > 9) throw new Error("its protobuf data is damaged");
    const [byte] = source.read(end++, 1);
    value += scale * (byte & 127);
    if (byte < 128) return { value, end };
  }
}

/** The same bytes, read a window at a time. */
function windowed(source: ByteSource): ByteSource {
  let window = new Uint8Array();
  let begin = 0;
  return {
    size: source.size,
    read(offset, length) {
      if (length > WINDOW) return source.read(offset, length);
      if (offset < begin || offset + length > begin + window.length) {
        window = source.read(offset, Math.min(WINDOW, source.size - offset));
        begin = offset;
      }
      return window.slice(offset - begin, offset - begin + length);
    },
  };
}
