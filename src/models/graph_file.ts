import { TensorProto_DataLocation as Location } from "npm:onnx-buf@1.20.0-1";
import type { GraphName } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import { graphOf, type Model, readModel } from "../onnx/model.ts";
import type { ModelSource } from "./model_source.ts";

/** A graph that every use of a model needs. */
export type NeededGraph = Exclude<GraphName, "vae_decoder">;

/** The graphs that every use of a model needs, by their folder. */
export const GRAPHS: readonly NeededGraph[] = ["text_encoder", "unet", "vae_encoder"];

/** One of a model's graphs, with its weights. */
export interface GraphFile {
  /** Path inside the model's folder, e.g. `unet/model.onnx`. */
  readonly path: string;
  /** The ONNX file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, parsed; its weights are views into `bytes`. */
  readonly model: Model;
  /** Weights kept beside the ONNX file, by the `location` the graph knows them by. */
  readonly externalData: readonly { path: string; data: Uint8Array }[];
}

/**
 * Reads `<name>/model.onnx` and the weights it keeps in files beside it.
 *
 * @throws {UserError} If a file is missing or the graph is corrupt.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readGraph } from "./graph_file.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji-64", import.meta.url)));
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
  const bytes = await source.read(path);
  const model = readModel(bytes, path);
  const externalData = [];
  for (const location of externalLocations(model)) {
    const sidecar = `${name}/${location}`;
    // A graph is foreign data: it may name no file outside its own folder.
    if (/^[/\\]|\.\.|:/.test(location) || !await source.has(sidecar)) {
      throw new UserError(
        `${source.label} lacks ${sidecar}, the weights of ${path}`,
        "fetch the model again, with all its files",
      );
    }
    externalData.push({ path: location, data: await source.read(sidecar) });
  }
  return { path, bytes, model, externalData };
}

/** Files named by the tensors that a graph keeps outside its own file. */
function externalLocations(model: Model): string[] {
  const { initializer, node } = graphOf(model);
  const constants = node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []));
  const locations = [...initializer, ...constants]
    .filter(({ dataLocation }) => dataLocation === Location.EXTERNAL)
    .map(({ externalData }) => externalData.find(({ key }) => key === "location")?.value ?? "");
  return [...new Set(locations)];
}
