import type { Recompute } from "../autodiff/recompute.ts";
import type { Backend, DeviceFacts } from "../backend/backend.ts";
import { budgetWarning } from "../backend/buffer_budget.ts";
import { type Device, openBackend } from "../backend/select.ts";
import {
  createDiffusionModel,
  type DiffusionModel,
  type GraphName,
  type PreparedNetworks,
} from "../diffusion/model.ts";
import { createNoiseSchedule } from "../diffusion/noise_schedule.ts";
import { type NetworkParts, prepareNetworks } from "../diffusion/prepare_networks.ts";
import { checkMemory } from "../networks/prepared_graph.ts";
import { weightMemory } from "../onnx/memory.ts";
import { refuseQuantised } from "../onnx/quantised.ts";
import { createTokenizer } from "../prompt/tokenize.ts";
import type { Settings } from "../settings/settings.ts";
import { modelGeometry } from "./model_geometry.ts";
import { type ModelFiles, openModel, type OpenModelOptions } from "./open_model.ts";
import { atPrecision, inFloat32, type Precision } from "./precision.ts";

/**
 * The embedded model, which every copy of Peekaboo has.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * console.assert(models.MODELS.some(({ id }) => id === models.DEFAULT_MODEL));
 * ```
 */
export const DEFAULT_MODEL = "emoji";

/** Bytes of a U-Net's weights above which a device may have too little memory for the U-Net. */
const LARGE_MODEL = 2 ** 28;

/** Options of {@link loadModel}. */
export interface LoadModelOptions extends OpenModelOptions {
  /** Device that computes; the default, `auto`, is a hardware GPU if one exists, else the CPU. */
  readonly device?: Device | undefined;
  /** Threads on the CPU; the default is the number of processors, at most 8. */
  readonly threads?: number | undefined;
  /** Precision in which a float16 model computes; the default is `auto`. */
  readonly precision?: Precision | undefined;
  /**
   * Operators that are computed twice to need less memory: `cheap` ones, the default; `none`; or
   * `most`, which is every block of the encoder.
   */
  readonly recompute?: Recompute | undefined;
  /** Loads a model even if it seems to need more memory than the device has. */
  readonly force?: boolean | undefined;
  /**
   * Loss that the model is loaded for; the default is score distillation. With `clip`, its own
   * networks need not fit the device, since none of them runs.
   */
  readonly loss?: Settings["loss"] | undefined;
}

/**
 * Loads a text-to-image diffusion model for {@link segment} and {@link sample}.
 *
 * The embedded model lies beside the code. Where the code was imported from a URL, the model's files
 * are downloaded: each time, or once if `options.cacheFolder` keeps them. Other models are downloaded
 * once from `options.hub`.
 *
 * @param name Id of a known model, path of a folder in the diffusers ONNX layout, or `owner/name` or
 * `owner/name@revision` of a repository in that layout.
 * @returns The model; dispose of it to free its device.
 * @throws {UserError} The model does not exist, a file is missing or broken, the graphs do not fit
 * together, or the device does not exist or has too little memory.
 *
 * @example
 * ```ts
 * import { loadModel } from "./load_model.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * console.assert(model.imageSize === 64);
 * ```
 */
export async function loadModel(
  name: string = DEFAULT_MODEL,
  options: LoadModelOptions = {},
): Promise<DiffusionModel> {
  // The files come first, so that their mistakes are told without waiting for a device.
  const files = await openModel(name, options);
  const backend = await openBackend(options.device, options);
  try {
    return await loadModelOn(backend, files, options);
  } catch (error) {
    await backend[Symbol.asyncDispose]();
    throw error;
  }
}

type HowToCompute = Pick<
  LoadModelOptions,
  "precision" | "recompute" | "force" | "loss" | "onWarning"
>;

/** Creates a model from opened files on a backend, which the model then owns. */
export async function loadModelOn(
  backend: Backend,
  files: ModelFiles,
  options: HowToCompute = {},
): Promise<DiffusionModel> {
  const parts = await loadingParts(backend, files, options);
  // A model that is too large is refused before its files are hashed.
  const prepared = await prepareLarge(parts, files, options);
  return createDiffusionModel({
    ...files,
    ...parts,
    prepared,
    sha256: await files.digest(),
    noiseSchedule: createNoiseSchedule(files.noiseSchedule),
  });
}

/**
 * Prepares the networks of a large model for one prompt, the least that an optimisation takes.
 *
 * @returns The graphs, ready to be loaded; `undefined` for a small model, which fits every device.
 * @throws {BatchError} The device has too little memory for them.
 */
async function prepareLarge(
  parts: NetworkParts & { readonly backend: Backend },
  { defaults }: ModelFiles,
  { loss = "sds", force, onWarning }: HowToCompute,
): Promise<PreparedNetworks | undefined> {
  const { model: unet } = await parts.graph("unet");
  if (loss !== "sds" || weightMemory(unet).weights <= LARGE_MODEL) return undefined;
  const prepared = await prepareNetworks(parts, 1, defaults.posterior);
  if (!force) checkMemory(parts.backend, Object.values(prepared));
  const warning = budgetWarning(parts.backend.limits);
  if (warning) onWarning?.(warning);
  return prepared;
}

/**
 * Reads the parts from which a model's networks are prepared on a backend; nothing is loaded.
 *
 * @throws {UserError} A graph is broken, or the graphs do not fit together.
 */
export async function loadingParts<B extends DeviceFacts>(
  backend: B,
  files: ModelFiles,
  { precision = "auto", recompute, force = false }: HowToCompute = {},
) {
  const graph = async (name: GraphName) => {
    const file = await files.graph(name);
    if (name === "vae_encoder") refuseQuantised(file.model, "VAE encoder", file.path);
    // The CPU embeds texts, and computes in float32.
    return name === "text_encoder" ? inFloat32(file) : atPrecision(file, name, precision, backend);
  };
  const [textEncoder, unet, vaeEncoder] = await Promise.all([
    graph("text_encoder"),
    graph("unet"),
    graph("vae_encoder"),
  ]);
  const graphs = { text_encoder: textEncoder, unet, vae_encoder: vaeEncoder };
  const { imageSize, latentShape, sequenceLength } = modelGeometry(
    { text_encoder: textEncoder.model, unet: unet.model, vae_encoder: vaeEncoder.model },
    files,
  );
  return {
    backend,
    tokenizer: await createTokenizer(files.tokenizerFiles, { sequenceLength }),
    scalingFactor: files.scalingFactor,
    imageSize,
    latentShape,
    recompute,
    force,
    // Only sampling needs the decoder, so it is read on demand.
    graph: async (name: GraphName) => name === "vae_decoder" ? await graph(name) : graphs[name],
  };
}
