import type { DepthModel } from "../depth/estimate_depth.ts";
import { UserError } from "../errors.ts";
import { OLDEST_OPSET, opsetOf } from "../onnx/model.ts";
import { modelDigest } from "../catalog/integrity.ts";
import type { ModelManifest } from "../catalog/manifest.ts";
import { readGraphFile } from "./graph_file.ts";
import { readImageInput } from "./model_config.ts";
import type { ModelSource } from "./model_source.ts";
import { type CompanionOptions, openSource } from "./open_source.ts";
import { inFloat32 } from "./precision.ts";

/** The places where a folder may hold the graph. */
const GRAPHS = ["model.onnx", "onnx/model.onnx"];

/** The oldest operator set that ONNX Runtime computes. */
const ANY_OPSET = { oldestOpset: 7 };

/**
 * Opens a depth model by its id or its folder. The folder holds `model.onnx` or `onnx/model.onnx`, and
 * `preprocessor_config.json` with `size`, `image_mean` and `image_std`.
 *
 * @param name Id of a known depth model, or the path of a folder.
 * @throws {UserError} The model does not exist, or a file is missing, broken or cannot be downloaded.
 *
 * @example
 * ```ts
 * import { openDepthModel } from "./open_depth.ts";
 *
 * const { message } = await openDepthModel("clip-vit-b-32").catch((error) => error);
 * console.assert(message.startsWith('Cannot use "clip-vit-b-32" as depth model'));
 * ```
 */
export async function openDepthModel(
  name: string,
  options?: CompanionOptions,
): Promise<DepthModel> {
  const { source, manifest } = await openSource(name, "depth", options);
  return await openDepthSource(name, source, manifest);
}

/** Opens a depth model whose files were found. */
export async function openDepthSource(
  id: string,
  source: ModelSource,
  manifest?: ModelManifest,
): Promise<DepthModel> {
  const place = manifest?.source;
  const listed = place && place.host !== "embedded" && place.files !== "layout" ? place.files : [];
  const path = await firstThere(source, [...listed, ...GRAPHS]);
  const input = manifest?.input ?? await readImageInput(source);
  return {
    id,
    sha256: modelDigest(await source.files()),
    input,
    async graph() {
      const file = await readGraphFile(source, path, ANY_OPSET);
      // The rewriting of graphs knows only newer operator sets.
      return opsetOf(file.model) < OLDEST_OPSET ? file : inFloat32(file);
    },
  };
}

/** Finds the first of some ONNX files that the model has. */
async function firstThere(source: ModelSource, paths: readonly string[]): Promise<string> {
  for (const path of paths) if (path.endsWith(".onnx") && await source.has(path)) return path;
  throw new UserError(
    `${source.label} is not a depth model: it has no ${GRAPHS[0]}`,
    "wanted a MiDaS-like network exported to ONNX, see models/README.md",
  );
}
