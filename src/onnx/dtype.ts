/**
 * Element types: their names, protobuf codes and sizes.
 *
 * @module
 */
import { TensorProto_DataType as Code } from "./proto/onnx_pb.ts";

/** An element type, by the name onnxruntime gives it. */
export type DataType =
  | "float32"
  | "float16"
  | "float64"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool"
  | "string"
  | "bfloat16";

const CODES: Record<DataType, Code> = {
  float32: Code.FLOAT,
  float16: Code.FLOAT16,
  float64: Code.DOUBLE,
  int8: Code.INT8,
  uint8: Code.UINT8,
  int16: Code.INT16,
  uint16: Code.UINT16,
  int32: Code.INT32,
  uint32: Code.UINT32,
  int64: Code.INT64,
  uint64: Code.UINT64,
  bool: Code.BOOL,
  string: Code.STRING,
  bfloat16: Code.BFLOAT16,
};

const NAMES = new Map<number, DataType>(
  Object.entries(CODES).map(([name, code]) => [code, name as DataType]),
);

/**
 * The `TensorProto.DataType` code of an element type.
 */
export function dataTypeCode(dtype: DataType): Code {
  return CODES[dtype];
}

/**
 * The element type of a `TensorProto.DataType` code; `undefined` for an unsupported type.
 */
export function dataTypeOf(code: number): DataType | undefined {
  return NAMES.get(code);
}

/** Tells whether numbers of this type can have a derivative. */
export function isFloat(dtype: DataType): boolean {
  return dtype === "float32" || dtype === "float16" || dtype === "float64" || dtype === "bfloat16";
}

/** Bytes of one element; 0 for strings, which have no fixed size. */
export function bytesPerElement(dtype: DataType): number {
  switch (dtype) {
    case "string":
      return 0;
    case "int8":
    case "uint8":
    case "bool":
      return 1;
    case "float16":
    case "bfloat16":
    case "int16":
    case "uint16":
      return 2;
    case "float32":
    case "int32":
    case "uint32":
      return 4;
    default:
      return 8;
  }
}

/** The lowest finite number of the element type. It stands for −∞ where −∞ would give NaN. */
export function lowest(dtype: DataType): number {
  switch (dtype) {
    case "float16":
      return -65504;
    case "float64":
      return -Number.MAX_VALUE;
    default:
      return -3.4028234663852886e38;
  }
}
