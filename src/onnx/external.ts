/**
 * Weights kept outside the model's file (`external_data` in onnx.proto).
 *
 * @module
 */
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { graphOf, type OnnxModel } from "./model.ts";
import {
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation as Location,
} from "./proto/onnx_pb.ts";

/** Where a tensor's bytes lie. */
export interface External {
  /** The file, relative to the model's; foreign data, which may say anything. */
  readonly location: string;
  /** The first byte; NaN if that is no number. */
  readonly offset: number;
  /** How many bytes, if that is said; NaN if that is no number. */
  readonly length: number | undefined;
}

/**
 * Where a tensor's bytes lie; `undefined` for a tensor that is in the model's file.
 *
 * @example
 * ```ts
 * import { externalOf } from "./external.ts";
 * import { makeTensor } from "./tensor.ts";
 *
 * console.assert(externalOf(makeTensor("x", "float32", [2], 0)) === undefined);
 * ```
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
