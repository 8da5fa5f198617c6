/**
 * Types of graph inputs and outputs, from and to `ValueInfoProto` messages.
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { type DataType, dataTypeCode, dataTypeOf } from "./dtype.ts";
import { changed } from "./message.ts";
import {
  TensorProto_DataType as Code,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./proto/onnx_pb.ts";
import type { TensorType, Value } from "./value.ts";

/** A declared dimension: a size, the name of a free dimension, or `undefined` if it has no name. */
export type Dimension = number | string | undefined;

/** A tensor as a model declares it. */
export interface Declaration {
  readonly name: string;
  readonly dtype: DataType;
  readonly dimensions: readonly Dimension[];
}

/**
 * The declaration of an input or output; `undefined` if it is not a tensor of known rank.
 */
export function declaration(info: ValueInfoProto): Declaration | undefined {
  const type = info.type?.value;
  if (type?.case !== "tensorType" || !type.value.shape) return undefined;
  const dtype = dataTypeOf(type.value.elemType);
  const dimensions = type.value.shape.dim.map(({ value }): Dimension =>
    value.case === "dimValue" ? Number(value.value) : value.value
  );
  return dtype && { name: info.name, dtype, dimensions };
}

/** The name of a declared tensor's element type if it is one that is not supported: int4, float8. */
export function elementTypeName({ type }: ValueInfoProto): string | undefined {
  if (type?.value.case !== "tensorType") return undefined;
  const { elemType } = type.value.value;
  if (dataTypeOf(elemType)) return undefined;
  const [name = `type ${elemType}`] = Object.entries(Code).find(([, code]) => code === elemType) ??
    [];
  return name.toLowerCase();
}

/** The declared type; `undefined` if a dimension is free. */
export function staticType(info: ValueInfoProto): TensorType | undefined {
  const declared = declaration(info);
  const shape = declared?.dimensions.filter((size) => typeof size === "number");
  return declared && shape?.length === declared.dimensions.length
    ? { dtype: declared.dtype, shape }
    : undefined;
}

/** The message that declares a tensor. */
export function valueInfo({ name, dtype, shape }: Value): ValueInfoProto {
  const dim = shape.map((size) => ({
    value: { case: "dimValue" as const, value: BigInt(size) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: { case: "tensorType", value: { elemType: dataTypeCode(dtype), shape: { dim } } },
    },
  });
}

/** Tells whether a message declares a float16 tensor. */
export function isFloat16(info: ValueInfoProto): boolean {
  return isOf(info, Code.FLOAT16);
}

/** Tells whether a message declares a float64 tensor. */
export function isFloat64(info: ValueInfoProto): boolean {
  return isOf(info, Code.DOUBLE);
}

function isOf({ type }: ValueInfoProto, code: Code): boolean {
  return type?.value.case === "tensorType" && type.value.value.elemType === code;
}

/** The same tensor declared as float32. */
export function asFloat32(info: ValueInfoProto): ValueInfoProto {
  const { type } = info;
  if (type?.value.case !== "tensorType") return info;
  const value = changed(type.value.value, { elemType: Code.FLOAT });
  return changed(info, { type: changed(type, { value: { case: "tensorType", value } }) });
}

/** An input or output of a graph, as the graph or a session of it describes it. */
export interface Port {
  /** Its name in the graph. */
  readonly name: string;
  /** Type of the elements, e.g. `float32`. */
  readonly dtype: string;
  /** Sizes of the axes; a free dimension is a string. */
  readonly shape: readonly (number | string)[];
}
