/**
 * `TensorProto` messages: their numbers, and the files that hold weights outside the model
 * (`external_data` in onnx.proto).
 *
 * Only small tensors (shape arithmetic, a rule's constants) become numbers; weights stay bytes.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { bytesPerElement, type DataType, dataTypeCode, dataTypeOf } from "./dtype.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import {
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
  TensorProtoSchema,
} from "./proto/onnx_pb.ts";
import { sizeOf, type TensorType } from "./value.ts";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * Element type and shape of a tensor message; `undefined` for an unsupported element type.
 */
export function tensorType(tensor: TensorProto): TensorType | undefined {
  const dtype = dataTypeOf(tensor.dataType);
  return dtype && { dtype, shape: tensor.dims.map(Number) };
}

/**
 * A tensor message with the given numbers, rounded to the element type.
 *
 * @param values Row-major numbers, or one number that fills the tensor. Truth values are 0 and 1.
 */
export function makeTensor(
  name: string,
  dtype: DataType,
  shape: readonly number[],
  values: number | ArrayLike<number>,
): TensorProto {
  const size = sizeOf(shape);
  if (typeof values !== "number" && values.length !== size) {
    throw new Error(
      `Tensor "${name}" of shape [${shape}] needs ${size} values, got ${values.length}`,
    );
  }
  const rawData = new Uint8Array(size * bytesPerElement(dtype));
  const set = setter(dtype, new DataView(rawData.buffer));
  for (let i = 0; i < size; i++) set(i, typeof values === "number" ? values : values[i]);
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeCode(dtype),
    dims: shape.map(BigInt),
    rawData,
  });
}

/**
 * The numbers of a tensor message, row-major; truth values are 0 and 1. `undefined` if they are
 * outside the model or their element type is not supported.
 */
export function tensorValues(tensor: TensorProto): number[] | undefined {
  const type = tensorType(tensor);
  if (!type || tensor.dataLocation === Location.EXTERNAL) return undefined;
  const size = sizeOf(type.shape);
  if (tensor.rawData.length === 0) return listedValues(tensor, type.dtype, size);
  const { buffer, byteOffset, byteLength } = tensor.rawData;
  const get = getter(type.dtype, new DataView(buffer, byteOffset, byteLength));
  return get && Array.from({ length: size }, (_, i) => get(i));
}

/** Values kept in the typed fields instead of `raw_data`. */
function listedValues(tensor: TensorProto, dtype: DataType, size: number): number[] | undefined {
  if (size === 0) return [];
  switch (dtype) {
    case "float32":
      return tensor.floatData;
    case "float64":
      return tensor.doubleData;
    case "int64":
      return tensor.int64Data.map(Number);
    case "uint32":
    case "uint64":
      return tensor.uint64Data.map(Number);
    case "float16":
      return [...new Float16Array(Uint16Array.from(tensor.int32Data).buffer)];
    case "bfloat16":
      return tensor.int32Data.map(fromBrainFloat);
    case "string":
      return undefined;
    default:
      return tensor.int32Data;
  }
}

function getter(dtype: DataType, view: DataView): ((i: number) => number) | undefined {
  switch (dtype) {
    case "float32":
      return (i) => view.getFloat32(4 * i, true);
    case "float64":
      return (i) => view.getFloat64(8 * i, true);
    case "float16":
      return (i) => view.getFloat16(2 * i, true);
    case "int64":
      return (i) => Number(view.getBigInt64(8 * i, true));
    case "uint64":
      return (i) => Number(view.getBigUint64(8 * i, true));
    case "int32":
      return (i) => view.getInt32(4 * i, true);
    case "uint32":
      return (i) => view.getUint32(4 * i, true);
    case "int16":
      return (i) => view.getInt16(2 * i, true);
    case "uint16":
      return (i) => view.getUint16(2 * i, true);
    case "int8":
      return (i) => view.getInt8(i);
    case "uint8":
    case "bool":
      return (i) => view.getUint8(i);
    case "bfloat16":
      return (i) => fromBrainFloat(view.getUint16(2 * i, true));
    case "string":
      return undefined;
  }
}

function setter(dtype: DataType, view: DataView): (i: number, value: number) => void {
  switch (dtype) {
    case "float32":
      return (i, value) => view.setFloat32(4 * i, value, true);
    case "float64":
      return (i, value) => view.setFloat64(8 * i, value, true);
    case "float16":
      return (i, value) => view.setFloat16(2 * i, value, true);
    case "int64":
      return (i, value) => view.setBigInt64(8 * i, toInt64(value), true);
    case "uint64":
      return (i, value) => view.setBigUint64(8 * i, BigInt(Math.trunc(value)), true);
    case "int32":
      return (i, value) => view.setInt32(4 * i, value, true);
    case "uint32":
      return (i, value) => view.setUint32(4 * i, value, true);
    case "int16":
      return (i, value) => view.setInt16(2 * i, value, true);
    case "uint16":
      return (i, value) => view.setUint16(2 * i, value, true);
    case "bfloat16":
      return (i, value) => view.setUint16(2 * i, toBrainFloat(value), true);
    case "int8":
      return (i, value) => view.setInt8(i, value);
    case "bool":
    case "uint8":
      return (i, value) => view.setUint8(i, value);
    default:
      throw new Error(`Cannot write numbers as ${dtype}`);
  }
}

/** The number of a bfloat16: its bits are the upper half of a float32. */
function fromBrainFloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0];
}

/** The bits of the bfloat16 nearest to a number. */
function toBrainFloat(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  // The lower half is rounded to even; a NaN must not become ∞.
  return Number.isNaN(value) ? 0x7fc0 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/**
 * Clamps to int64: exporters write "to the end" as the largest int64, and a JavaScript number is one
 * larger.
 */
function toInt64(value: number): bigint {
  const integer = BigInt(Math.trunc(value));
  if (integer > INT64_MAX) return INT64_MAX;
  return integer < INT64_MIN ? INT64_MIN : integer;
}

/** The place of a tensor's bytes in a file outside the model. */
export interface External {
  /** The file, relative to the model's. It comes from the model and is not to be trusted. */
  readonly location: string;
  /** Offset of the first byte; NaN if it is not a number. */
  readonly offset: number;
  /** Number of bytes, if the model states it; NaN if it is not a number. */
  readonly length: number | undefined;
}

/**
 * The place of a tensor's bytes outside the model; `undefined` if they are in the model's file.
 */
export function externalOf(tensor: TensorProto): External | undefined {
  if (tensor.dataLocation !== Location.EXTERNAL) return undefined;
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const length = entries.get("length");
  return {
    location: entries.get("location") ?? "",
    offset: wholeNumber(entries.get("offset") ?? "0"),
    length: length === undefined ? undefined : wholeNumber(length),
  };
}

/** The entries of a tensor's `external_data`. */
export function externalEntries(
  { location, offset, length }: External & { readonly length: number },
): StringStringEntryProto[] {
  return Object.entries({ location, offset, length }).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value: String(value) })
  );
}

/** Every tensor of a model's graph that holds data: initializers, and the values of attributes. */
export function tensorsOf(model: OnnxModel): TensorProto[] {
  const { initializer, node } = graphOf(model);
  return [
    ...initializer,
    ...node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? [])),
  ];
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

/** Puts a tensor's bytes into the model. The tensor is changed. */
export function inlineTensor(tensor: TensorProto, bytes: Uint8Array<ArrayBuffer>): void {
  tensor.rawData = bytes;
  tensor.dataLocation = Location.DEFAULT;
  tensor.externalData = [];
}
