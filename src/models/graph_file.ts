import { posix } from "node:path";
import type { GraphName } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import type { LoadedGraph } from "../networks/loaded_graph.ts";
import { readModel, type ReadOptions, writeModel } from "../onnx/model.ts";
import { skimModel } from "../onnx/skim_model.ts";
import { openExternalData } from "./external_data.ts";
import type { ModelSource } from "./model_source.ts";
import { refuseCudaOperators } from "../catalog/refuse_cuda.ts";

/** A graph that every use of a model needs. */
export type NeededGraph = Exclude<GraphName, "vae_decoder">;

/** The graphs that every use of a model needs, by their folder. */
export const GRAPHS: readonly NeededGraph[] = ["text_encoder", "unet", "vae_encoder"];

/** ONNX files up to this many bytes are read at once, of larger ones weights are read when needed. */
const READ_WHOLE = 1 << 26;

/** One of a model's graphs, with its weights. */
export interface GraphFile extends LoadedGraph {
  /** Path inside the model's folder, e.g. `unet/model.onnx`. */
  readonly path: string;
  /** The ONNX file; a large one without its weights. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads `<name>/model.onnx` and opens the files that hold its weights: of a model of gigabytes, a few
 * megabytes are in memory.
 *
 * @throws {UserError} If a file is missing, the graph is corrupt, names weights that are not in its
 * folder, or is optimised for CUDA.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readGraph } from "./graph_file.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * const { model, externalData } = await readGraph(source, "unet");
 * console.assert(model.graph?.input.length === 3 && externalData.length === 0);
 * ```
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
 * Reads a graph that is there, as {@link readGraph} does, whatever it is called.
 *
 * @param path Inside the model's folder.
 * @throws {UserError} As {@link readGraph}.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readGraphFile } from "./graph_file.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * const { model } = await readGraphFile(source, "vae_decoder/model.onnx");
 * console.assert(model.graph?.output.length === 1);
 * ```
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
