/**
 * Reading and writing ONNX models as protobuf messages.
 *
 * An {@linkcode OnnxModel} is the plain `ModelProto` message, so that reading and writing lose nothing.
 * Weights stay views into the bytes that were read (`rawData` is never copied), and weights in files
 * beside the model (`external_data`) stay references.
 *
 * @module
 */
import { fromBinary, toBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { UserError } from "../errors.ts";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from "./proto/onnx_pb.ts";

/** An ONNX model: the `ModelProto` message of onnx.proto. Treat it as read-only. */
export type OnnxModel = ModelProto;

/**
 * The oldest default-domain operator set the engines understand (axes and splits became inputs).
 */
export const OLDEST_OPSET = 13;

/** Options of {@linkcode readModel}. */
export interface ReadOptions {
  /**
   * The oldest operator set to accept; the default is {@linkcode OLDEST_OPSET}. A model that is handed to
   * ONNX Runtime as it is may be older.
   */
  readonly oldestOpset?: number | undefined;
}

/**
 * Reads an ONNX model from its bytes. The model's weights are views into `bytes`: keep them
 * unchanged.
 *
 * @param bytes The content of an `.onnx` file.
 * @param name The model's name in error messages, usually its file name.
 * @throws {UserError} The bytes are not an ONNX model, or its operator set is older than 13, or than
 * the options allow.
 *
 * @example
 * ```ts
 * import { autodiff } from "../../mod.ts";
 *
 * const url = new URL("../../models/emoji/vae_encoder/model.onnx", import.meta.url);
 * const model = autodiff.readModel(await Deno.readFile(url), "vae_encoder/model.onnx");
 * console.assert(model.opsetImport[0].version === 17n);
 * ```
 */
export function readModel(bytes: Uint8Array, name = "model", options?: ReadOptions): OnnxModel {
  refusePointer(bytes, name);
  return parseModel(name, () => fromBinary(ModelProtoSchema, bytes), options);
}

/** The first line of a file that stands for one in Git LFS. */
const POINTER = "version https://git-lfs.github.com/spec/";

/** Refuses a Git LFS pointer, a few lines of text, by its first bytes. */
export function refusePointer(bytes: Uint8Array, name: string): void {
  if (new TextDecoder().decode(bytes.subarray(0, POINTER.length)) !== POINTER) return;
  throw new UserError(
    `Cannot read ONNX model "${name}": it is a Git LFS pointer, not the file itself`,
    "run git lfs pull where it was cloned, or download the file",
  );
}

/**
 * Parses a message and checks that it is a usable model.
 *
 * @param name The model's name in error messages.
 * @param parse Its own {@link UserError}s are passed on.
 * @throws {UserError} It cannot be parsed, holds no graph, or its operator set is too old.
 */
export function parseModel(
  name: string,
  parse: () => OnnxModel,
  { oldestOpset = OLDEST_OPSET }: ReadOptions = {},
): OnnxModel {
  let model: OnnxModel;
  try {
    model = parse();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `Cannot read ONNX model "${name}": ${reason}`,
      "check that the file was downloaded whole",
      { cause },
    );
  }
  if (!model.graph || model.graph.node.length === 0 || model.opsetImport.length === 0) {
    throw new UserError(
      `Cannot read ONNX model "${name}": it holds no graph`,
      "check that the file is an ONNX model and was downloaded whole",
    );
  }
  const opset = opsetOf(model);
  if (opset < oldestOpset) {
    throw new UserError(
      `Cannot use ONNX model "${name}": wanted operator set ${oldestOpset} or newer, got ${opset}`,
      `export the model again with opset ${oldestOpset} or newer`,
    );
  }
  return model;
}

/**
 * Writes a model as the bytes of an `.onnx` file.
 *
 * @example
 * ```ts
 * import { autodiff } from "../../mod.ts";
 *
 * const url = new URL("../../models/emoji/vae_encoder/model.onnx", import.meta.url);
 * const bytes = await Deno.readFile(url);
 * console.assert(autodiff.writeModel(autodiff.readModel(bytes)).length === bytes.length);
 * ```
 */
export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, model);
}

/** The version of the default operator set (`ai.onnx`) the model is written in. */
export function opsetOf(model: OnnxModel): number {
  const standard = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  return Number(standard?.version ?? 0);
}

/** The model's graph. A model from {@linkcode readModel} always has one. */
export function graphOf(model: OnnxModel): GraphProto {
  if (!model.graph) throw new Error("The model holds no graph");
  return model.graph;
}

/** The inputs that a graph must be fed: old exporters list weights among a graph's inputs. */
export function inputsOf(model: OnnxModel): ValueInfoProto[] {
  const { input: inputs, initializer } = graphOf(model);
  const weights = new Set(initializer.map(({ name }) => name));
  return inputs.filter(({ name }) => !weights.has(name));
}
