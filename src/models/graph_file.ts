import { posix } from "node:path";
import type { ExternalData } from "../backend/backend.ts";
import { refuseCudaOperators } from "../catalog/layout.ts";
import type { GraphName } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import type { LoadedGraph } from "../networks/loaded_graph.ts";
import type { ByteSource } from "../files/byte_source.ts";
import { bytesPerElement } from "../onnx/dtype.ts";
import { type OnnxModel, readModel, type ReadOptions, writeModel } from "../onnx/model.ts";
import type { TensorProto } from "../onnx/proto/onnx_pb.ts";
import { KEPT_BYTES, skimModel } from "../onnx/skim_model.ts";
import { type External, externalOf, inlineTensor, tensorsOf, tensorType } from "../onnx/tensor.ts";
import { sizeOf } from "../onnx/value.ts";
import type { ModelSource } from "./model_source.ts";

/** A graph that every use of a model needs. */
export type NeededGraph = Exclude<GraphName, "vae_decoder">;

/** The graphs that every use of a model needs, by their folder. */
export const GRAPHS: readonly NeededGraph[] = ["text_encoder", "unet", "vae_encoder"];

/** Most bytes of an ONNX file that is read at once; weights of a larger one are read when needed. */
const READ_WHOLE = 1 << 26;

/** One of a model's graphs, with its weights. */
export interface GraphFile extends LoadedGraph {
  /** Path inside the model's folder, e.g. `unet/model.onnx`. */
  readonly path: string;
  /** Bytes of the ONNX file; those of a large one lack its weights. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads `<name>/model.onnx` and opens the files that hold its weights, so that of a model of gigabytes
 * only a few megabytes are in memory.
 *
 * @throws {UserError} A file is missing; or the graph is corrupt, names weights that are not in its
 * folder, or is optimised for CUDA.
 */
export async function readGraph(source: ModelSource, name: GraphName): Promise<GraphFile> {
  const path = `${name}/model.onnx`;
  if (!await source.has(path)) {
    throw new UserError(
      `${source.label} lacks ${path}`,
      "fetch the model again, with all its files",
    );
  }
  return await readGraphFile(source, path);
}

/**
 * Reads a graph that exists, as {@link readGraph} does, by its path inside the model's folder.
 *
 * @throws {UserError} As {@link readGraph}.
 */
export async function readGraphFile(
  source: ModelSource,
  path: string,
  options?: ReadOptions,
): Promise<GraphFile> {
  const file = await source.open(path);
  const whole = file.size <= READ_WHOLE;
  const content = whole ? file.read(0, file.size) : undefined;
  const model = content
    ? readModel(content, path, options)
    : skimModel(file, posix.basename(path), path, options);
  refuseCudaOperators(model, path);
  const externalData = await openExternalData(model, { source, path, file });
  return { path, bytes: content ?? writeModel(model), model, externalData };
}

/** The file of a graph, and the model that it belongs to. */
export interface GraphOrigin {
  /** Files of the model. */
  readonly source: Pick<ModelSource, "label" | "openBeside">;
  /** Path of the graph inside the model's folder, e.g. `unet/model.onnx`. */
  readonly path: string;
  /** Bytes of the graph's own file. */
  readonly file: ByteSource;
}

/**
 * Opens the files that hold a graph's weights, and checks each: a graph is foreign data, and a file that
 * it names must be in its own folder and hold the whole tensor. Tensors as small as a shape are read
 * into the graph, so that shape arithmetic can be folded.
 *
 * @param model Is changed: small tensors get their bytes.
 * @returns One entry per file that holds larger tensors.
 * @throws {UserError} The weights of a tensor are not in the folder, or not all there.
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

/** Whether a location is a plain relative path that leads only downwards. */
function isBeside(location: string): boolean {
  return !/[\\:\p{Cc}]/u.test(location) &&
    location.replace(/^\.\//, "").split("/").every((part) => !["", ".", ".."].includes(part));
}

/** The number of bytes of a tensor, and a reason against the place that the graph gives for them. */
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
    if (Number.isNaN(value)) return { length: wanted, problem: `whose ${what} is not a number` };
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
