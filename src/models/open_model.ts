import type { DepthModel } from "../depth/depth_model.ts";
import type { GraphName } from "../diffusion/model.ts";
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { SamplerConfig } from "../diffusion/sampling_plan.ts";
import type { NoiseScheduleConfig } from "../diffusion/noise_schedule.ts";
import { UserError } from "../errors.ts";
import type { ClipModel } from "../prompt/clip_model.ts";
import type { TokenizerFiles } from "../prompt/tokenize.ts";
import type { ModelDefaults } from "../settings/settings.ts";
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

/** The content of a model's small files, and functions that read the others. */
export interface ModelFiles {
  /** The name that opened the model: an id, the path of a folder, or a repository. */
  readonly id: string;
  /** Settings that suit the model. */
  readonly defaults: ModelDefaults;
  /** Side of the model's images in pixels, if the manifest gives it. */
  readonly imageSize: number | undefined;
  /** Side of the U-Net's latents, if its configuration gives it. */
  readonly sampleSize: number | undefined;
  /** s of z = s·E(2x−1). */
  readonly scalingFactor: number;
  /** Settings that suit images sampled from it. */
  readonly samplingDefaults: SamplingDefaults;
  /** Configuration of the forward process. */
  readonly noiseSchedule: NoiseScheduleConfig;
  /** Configuration of the way back. */
  readonly sampler: SamplerConfig;
  /** Texts of the tokenizer's files. */
  readonly tokenizer: TokenizerFiles;
  /** Reads one of the graphs. @throws {UserError} The model lacks the graph, or it is corrupt. */
  graph(name: GraphName): Promise<GraphFile>;
  /** Opens the depth network in the model's folder, if any. @throws {UserError} It is broken. */
  depth(): Promise<DepthModel | undefined>;
  /** Opens CLIP in the model's folder, if any. @throws {UserError} It is broken. */
  clip(): Promise<ClipModel | undefined>;
  /** Computes the SHA-256 of the whole model, as {@link modelDigest} defines it. */
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
    tokenizer: await readTokenizerFiles(subSource(source, "tokenizer")),
    graph: (graph) => readGraph(source, graph),
    depth: async () =>
      await source.has("depth/model.onnx")
        ? await openDepthSource(`${name}/depth`, subSource(source, "depth"))
        : undefined,
    clip: async () => {
      const clip = subSource(source, "clip");
      return await hasClip(clip) ? await openClipSource(`${name}/clip`, clip) : undefined;
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
