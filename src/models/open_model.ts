import type { DiffusionModel, GraphName } from "../diffusion/model.ts";
import type { NoiseScheduleConfig } from "../diffusion/noise_schedule.ts";
import { UserError } from "../errors.ts";
import type { AssetOptions } from "../catalog/assets.ts";
import { modelDigest } from "../catalog/integrity.ts";
import { NEEDED_FILES } from "../catalog/layout.ts";
import { GENERIC_DEFAULTS, GENERIC_SAMPLING } from "../catalog/models.ts";
import { type GraphFile, readGraph } from "./graph_file.ts";
import {
  readNoiseSchedule,
  readSamplerConfig,
  readSampleSize,
  readScalingFactor,
  readTokenizerFiles,
} from "./model_config.ts";
import { type ModelSource, subSource } from "./model_source.ts";
import { hasClip, openClipSource } from "./open_clip.ts";
import { openDepthSource } from "./open_depth.ts";
import { openSource, type RemoteOptions } from "./open_source.ts";

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
    | "vocabulary"
    | "depthModel"
    | "clipModel"
  > {
  /** Side of the model's images in pixels, if the manifest says it. */
  readonly imageSize: number | undefined;
  /** Side of the U-Net's latents, if its configuration gives it. */
  readonly sampleSize: number | undefined;
  /** The forward process. */
  readonly noiseSchedule: NoiseScheduleConfig;
  /** Reads one of the graphs. @throws {UserError} If the model has no such graph, or it is corrupt. */
  graph(name: GraphName): Promise<GraphFile>;
  /** SHA-256 of the whole model, as {@link modelDigest} defines it. */
  digest(): Promise<string>;
}

/** Options of opening a model whose files may not lie on disk. */
export type OpenModelOptions = AssetOptions & RemoteOptions;

/**
 * Opens a model by its id, its folder or its repository on a hub. Folders and repositories must be in
 * the diffusers ONNX layout (see `models/README.md`); the defaults of one that is not known are the
 * paper's settings.
 *
 * @param name Id of a known model, the path of a folder, `owner/name` or `owner/name@revision`. An id
 * wins over a folder of that name, which can be given as `./name`; a folder wins over a repository.
 * @throws {UserError} The model does not exist, or a file is missing, broken, may not be read or cannot
 * be downloaded.
 */
export async function openModel(
  name: string,
  options?: OpenModelOptions,
): Promise<ModelFiles> {
  const { source, manifest } = await openSource(name, "text-to-image", options);
  await checkLayout(source);
  return {
    id: name,
    defaults: manifest?.defaults ?? GENERIC_DEFAULTS,
    samplingDefaults: manifest?.sampling ?? GENERIC_SAMPLING,
    imageSize: manifest?.imageSize,
    sampleSize: await readSampleSize(source),
    scalingFactor: await readScalingFactor(source),
    noiseSchedule: await readNoiseSchedule(source),
    sampler: await readSamplerConfig(source),
    tokenizerFiles: await readTokenizerFiles(subSource(source, "tokenizer")),
    vocabulary: manifest?.vocabulary,
    graph: (name) => readGraph(source, name),
    depthModel: async () =>
      await source.has("depth/model.onnx")
        ? await openDepthSource(`${name}/depth`, subSource(source, "depth"))
        : undefined,
    clipModel: async () => {
      const clip = subSource(source, "clip");
      if (!await hasClip(clip)) return undefined;
      return { ...await openClipSource(`${name}/clip`, clip), vocabulary: manifest?.vocabulary };
    },
    digest: async () => modelDigest(await source.files()),
  };
}

async function checkLayout(source: ModelSource) {
  const hint = "wanted a text-to-image model exported to ONNX, see models/README.md";
  if (!await source.has("model_index.json")) {
    throw new UserError(
      `${source.label} is not a diffusion model: it has no model_index.json`,
      hint,
    );
  }
  for (const path of NEEDED_FILES) {
    if (await source.has(path)) continue;
    throw new UserError(`${source.label} lacks ${path}`, hint);
  }
}
