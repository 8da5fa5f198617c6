import type { DiffusionModel, GraphName } from "../diffusion/model.ts";
import type { NoiseScheduleConfig } from "../diffusion/noise_schedule.ts";
import { UserError } from "../errors.ts";
import type { AssetOptions } from "../catalog/assets.ts";
import { GENERIC_DEFAULTS, GENERIC_SAMPLING } from "../catalog/generic_defaults.ts";
import { type GraphFile, readGraph } from "./graph_file.ts";
import { isRemoteName } from "../catalog/remote_model.ts";
import { modelDigest } from "../catalog/integrity.ts";
import { KNOWN_MODELS } from "../catalog/known_models.ts";
import { NEEDED_FILES } from "../catalog/layout.ts";
import type { ModelManifest } from "../catalog/manifest.ts";
import {
  readNoiseSchedule,
  readSamplerConfig,
  readSampleSize,
  readScalingFactor,
} from "./model_config.ts";
import { folderSource, manifestSource, type ModelSource } from "./model_source.ts";
import { openClipSource } from "./open_clip.ts";
import { openDepthSource } from "./open_depth.ts";
import { openRemote, type RemoteOptions } from "./open_remote.ts";
import type { RemoteManifest } from "../catalog/remote_manifest.ts";
import { REMOTE_MODELS } from "../catalog/remote_models.ts";
import { statIfThere } from "../files/stat_if_there.ts";
import { subSource } from "./sub_source.ts";
import { readTokenizerFiles } from "./tokenizer_files.ts";

/** A model's files, read as far as they are small; graphs are read when asked for. */
export interface ModelFiles extends
  Pick<
    DiffusionModel,
    | "id"
    | "defaults"
    | "samplingDefaults"
    | "sampler"
    | "scalingFactor"
    | "tokenizerFiles"
    | "depthModel"
    | "clipModel"
  > {
  /** Side of the model's images in pixels, if the manifest says it. */
  readonly imageSize: number | undefined;
  /** Side of the U-Net's latents, if its configuration says it. */
  readonly sampleSize: number | undefined;
  /** The forward process. */
  readonly noiseSchedule: NoiseScheduleConfig;
  /** Reads one of the graphs. @throws {UserError} If the model has no such graph, or it is corrupt. */
  graph(name: GraphName): Promise<GraphFile>;
  /** SHA-256 of the whole model, as {@link modelDigest} defines it. */
  digest(): Promise<string>;
}

/** How to get files that do not lie on disk. */
export type OpenModelOptions = AssetOptions & RemoteOptions;

/**
 * Opens a model by its id, its folder or its repository on a hub. Folders and repositories must be in
 * the diffusers ONNX layout (see `models/README.md`); those that are not known get the paper's
 * settings as defaults.
 *
 * @param name Id of a known model, the path of a folder, `owner/name` or `owner/name@revision`. An id
 * wins over a folder of that name, which can be given as `./name`; a folder wins over a repository.
 * @param options How to get files that do not lie on disk.
 * @throws {UserError} If there is no such model or folder, or a file is missing, broken, may not be
 * read or cannot be downloaded.
 *
 * @example
 * ```ts
 * import { openModel } from "./open_model.ts";
 *
 * const model = await openModel("emoji");
 * console.assert(model.imageSize === 64 && model.noiseSchedule.num_train_timesteps === 1000);
 * ```
 */
export async function openModel(
  name: string,
  options?: OpenModelOptions,
): Promise<ModelFiles> {
  const manifest = KNOWN_MODELS.find(({ id }) => id === name);
  if (manifest) {
    const folder = new URL(`../../models/${manifest.id}/`, import.meta.url);
    return await openSource(manifestSource(manifest, folder, options), {
      ...manifest,
      samplingDefaults: manifest.sampling ?? GENERIC_SAMPLING,
    });
  }
  const generic = { id: name, samplingDefaults: GENERIC_SAMPLING };
  if (!REMOTE_MODELS.some(({ id }) => id === name)) {
    const info = await statIfThere(name, "check the path given as the model");
    if (info?.isDirectory) {
      const known = { ...generic, defaults: GENERIC_DEFAULTS, imageSize: undefined };
      return await openSource(folderSource(name), known);
    }
    if (!isRemoteName(name)) {
      const known = [...KNOWN_MODELS, ...REMOTE_MODELS].filter(isTextToImage);
      throw new UserError(
        `Unknown model "${name}": it is neither a known model nor a folder`,
        `known models: ${known.map(({ id }) => id).join(", ")}; or owner/name of a repository`,
      );
    }
  }
  const { source, ...remote } = await openRemote(name, options);
  return await openSource(source, { ...generic, ...remote });
}

function isTextToImage(manifest: ModelManifest | RemoteManifest): boolean {
  return !("kind" in manifest) || manifest.kind === "text-to-image";
}

async function openSource(
  source: ModelSource,
  known: Pick<ModelFiles, "id" | "defaults" | "samplingDefaults" | "imageSize">,
): Promise<ModelFiles> {
  await checkLayout(source);
  return {
    id: known.id,
    defaults: known.defaults,
    samplingDefaults: known.samplingDefaults,
    imageSize: known.imageSize,
    sampleSize: await readSampleSize(source),
    scalingFactor: await readScalingFactor(source),
    noiseSchedule: await readNoiseSchedule(source),
    sampler: await readSamplerConfig(source),
    tokenizerFiles: await readTokenizerFiles(subSource(source, "tokenizer")),
    graph: (name) => readGraph(source, name),
    depthModel: async () =>
      await source.has("depth/model.onnx")
        ? await openDepthSource(`${known.id}/depth`, subSource(source, "depth"))
        : undefined,
    clipModel: async () =>
      await hasClip(source)
        ? await openClipSource(`${known.id}/clip`, subSource(source, "clip"))
        : undefined,
    digest: async () => modelDigest(await source.files()),
  };
}

/** Whether CLIP lies in a model's folder. */
async function hasClip(source: ModelSource): Promise<boolean> {
  for (const name of ["text_model/model.onnx", "text_model.onnx"]) {
    if (await source.has(`clip/${name}`)) return true;
  }
  return false;
}

async function checkLayout(source: ModelSource) {
  const hint = "wanted a text-to-image model exported to ONNX, see models/README.md";
  if (!await source.has("model_index.json")) {
    throw new UserError(`${source.label} is no diffusion model: no model_index.json in it`, hint);
  }
  for (const path of NEEDED_FILES) {
    if (await source.has(path)) continue;
    throw new UserError(`${source.label} lacks ${path}`, hint);
  }
}
