import type { DepthModel } from "../depth/estimate_depth.ts";
import { UserError } from "../errors.ts";
import { OLDEST_OPSET, opsetOf } from "../onnx/model.ts";
import { type CompanionOptions, companionSource } from "./companion_source.ts";
import { readGraphFile } from "./graph_file.ts";
import { modelDigest } from "../catalog/integrity.ts";
import type { ModelSource } from "./model_source.ts";
import { inFloat32 } from "./precision.ts";
import { readImageInput } from "./read_image_input.ts";
import type { RemoteManifest } from "../catalog/remote_manifest.ts";

/** Where the graph may be in a folder. */
const GRAPHS = ["model.onnx", "onnx/model.onnx"];

/** The oldest operator set that ONNX Runtime computes. */
const ANY_OPSET = { oldestOpset: 7 };

/**
 * Opens a depth model by its id or its folder. The folder holds `model.onnx` or `onnx/model.onnx`, and
 * `preprocessor_config.json` with `size`, `image_mean` and `image_std`.
 *
 * @param name Id of a known depth model, or the path of a folder.
 * @throws {UserError} There is no such model or folder, a file is missing or broken, or cannot be
 * downloaded.
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
  const { source, manifest } = await companionSource(name, "depth", options);
  return await openDepthSource(name, source, manifest);
}

/** The same for files that were found. */
export async function openDepthSource(
  id: string,
  source: ModelSource,
  manifest?: RemoteManifest,
): Promise<DepthModel> {
  const known = typeof manifest?.files === "object" ? manifest.files : [];
  const path = await firstThere(source, [...known, ...GRAPHS]);
  const input = manifest?.input ?? await readImageInput(source);
  return {
    id,
    sha256: modelDigest(await source.files()),
    input,
    async graph() {
      const file = await readGraphFile(source, path, ANY_OPSET);
      // What rewrites graphs knows the newer operator sets only.
      return opsetOf(file.model) < OLDEST_OPSET ? file : inFloat32(file);
    },
  };
}

/** The first ONNX file of some that the model has. */
async function firstThere(source: ModelSource, paths: readonly string[]): Promise<string> {
  for (const path of paths) if (path.endsWith(".onnx") && await source.has(path)) return path;
  throw new UserError(
    `${source.label} is no depth model: no ${GRAPHS[0]} in it`,
    "wanted a MiDaS-like network exported to ONNX, see models/README.md",
  );
}
