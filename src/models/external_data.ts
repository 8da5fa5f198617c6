import { posix } from "node:path";
import type { ExternalData } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import type { ByteSource } from "../files/byte_source.ts";
import { bytesPerElement } from "../onnx/dtype.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { TensorProto } from "../onnx/proto/onnx_pb.ts";
import { KEPT_BYTES } from "../onnx/skim_model.ts";
import { type External, externalOf, inlineTensor, tensorsOf, tensorType } from "../onnx/tensor.ts";
import { sizeOf } from "../onnx/value.ts";
import type { ModelSource } from "./model_source.ts";

/** Where a graph was read from. */
export interface GraphOrigin {
  /** The model's files. */
  readonly source: Pick<ModelSource, "label" | "openBeside">;
  /** Of the graph inside the model's folder, e.g. `unet/model.onnx`. */
  readonly path: string;
  /** The graph's own file. */
  readonly file: ByteSource;
}

/**
 * Opens the files in which a graph keeps its weights, each checked: a graph is foreign data, and
 * what it names must be in its own folder and hold the tensor. Tensors as small as a shape are read
 * into the graph, so that shape arithmetic can be folded.
 *
 * @param model Is changed: small tensors get their bytes.
 * @returns One entry for each file that larger tensors are in.
 * @throws {UserError} A tensor's weights are not in the folder, not in a file of its own, or not all
 * there.
 *
 * @example
 * ```ts
 * import { memorySource } from "../files/byte_source.ts";
 * import { skimModel } from "../onnx/skim_model.ts";
 * import { openExternalData } from "./external_data.ts";
 *
 * const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
 * const file = memorySource(await Deno.readFile(url));
 * const model = skimModel(file, "model.onnx");
 * const source = { label: "Model", openBeside: () => Promise.resolve("is missing") };
 * const data = await openExternalData(model, { source, path: "unet/model.onnx", file });
 * console.assert(data[0].path === "model.onnx");
 * ```
 */
export async function openExternalData(
  model: OnnxModel,
  origin: GraphOrigin,
): Promise<ExternalData[]> {
  const { source, path, file } = origin;
  const opened = new Map<string, ByteSource | string>([[posix.basename(path), file]]);
  const used = new Map<string, ExternalData>();
  for (const tensor of tensorsOf(model)) {
    const external = externalOf(tensor);
    if (!external) continue;
    const { location } = external;
    const refuse = (reason: string) => refusal(tensor, location, origin, reason);
    if (!isBeside(location)) throw refuse("which is outside the graph's folder");
    const data = opened.get(location) ?? await source.openBeside(path, location);
    opened.set(location, data);
    if (typeof data === "string") throw refuse(`which ${data}`);
    const { length, problem } = extentOf(tensor, external, data.size);
    if (problem) throw refuse(problem);
    if (length <= KEPT_BYTES) inlineTensor(tensor, data.read(external.offset, length));
    else used.set(location, { path: location, data });
  }
  return [...used.values()];
}

/** Whether a location is a plain relative path that leads nowhere but down. */
function isBeside(location: string): boolean {
  return !/[\\:\p{Cc}]/u.test(location) &&
    location.replace(/^\.\//, "").split("/").every((part) => !["", ".", ".."].includes(part));
}

/** How many bytes a tensor's are, and what is wrong with where they are said to be. */
function extentOf(
  tensor: TensorProto,
  { offset, length }: External,
  size: number,
): { length: number; problem?: string } {
  const type = tensorType(tensor);
  const wanted = type ? sizeOf(type.shape) * bytesPerElement(type.dtype) : 0;
  if (!type || type.dtype === "string") {
    return { length: 0, problem: "and its element type cannot be kept in a file" };
  }
  for (const [what, value] of Object.entries({ offset, length })) {
    if (Number.isNaN(value)) return { length: wanted, problem: `whose ${what} is no number` };
  }
  if (length !== undefined && length !== wanted) {
    const problem = `of which it takes ${length} bytes; its shape needs ${wanted}`;
    return { length: wanted, problem };
  }
  if (offset + wanted > size) {
    const problem = `of which it takes bytes ${offset} to ${offset + wanted}; the file has ${size}`;
    return { length: wanted, problem };
  }
  return { length: wanted };
}

function refusal(
  { name }: TensorProto,
  location: string,
  { source, path }: GraphOrigin,
  reason: string,
): UserError {
  const [tensor, file] = [name, location].map((text) => JSON.stringify(text));
  return new UserError(
    `${source.label} cannot be used: tensor ${tensor} of ${path} keeps its weights in ${file}, ${reason}`,
    "fetch the model again, with all its files, from a source you trust",
  );
}
