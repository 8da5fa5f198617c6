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
import { checkMemory } from "../networks/check_memory.ts";
import { weightMemory } from "../onnx/memory.ts";
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
 * import { KNOWN_MODELS } from "../catalog/known_models.ts";
 * import { DEFAULT_MODEL } from "./load_model.ts";
 *
 * console.assert(KNOWN_MODELS.some(({ id }) => id === DEFAULT_MODEL));
 * ```
 */
export const DEFAULT_MODEL = "emoji";

/** Bytes of a U-Net's weights from which on a device may have too little memory for it. */
const LARGE_MODEL = 2 ** 28;

/** How to load a model. */
export interface LoadModelOptions extends OpenModelOptions {
  /** Where to compute; `auto` is a hardware GPU if there is one, else the CPU. */
  readonly device?: Device;
  /** Threads on the CPU; the number of processors, at most 8, unless given. */
  readonly threads?: number;
  /** What a float16 model computes in; `auto` unless given. */
  readonly precision?: Precision;
  /**
   * What is computed twice so that less must be held: `cheap` operators unless given, `none`, or
   * `most`, the encoder's every block.
   */
  readonly recompute?: Recompute;
  /** Whether to try also what needs more memory than there seems to be. */
  readonly force?: boolean;
  /**
   * What the model is loaded for; score distillation unless given. With `clip`, its own networks need not
   * fit the device, for none of them is run.
   */
  readonly loss?: Settings["loss"] | undefined;
}

/**
 * Loads a text-to-image diffusion model for {@link segment} and {@link sample}.
 *
 * A known model lies beside the code. Where that was imported from a URL, the model's files are
 * downloaded, each time unless `options.cacheFolder` says where to keep them. Other models are
 * downloaded from `options.hub`, once.
 *
 * @param name Name of a known model, a folder in the diffusers ONNX layout, or `owner/name` or
 * `owner/name@revision` of a repository in it.
 * @returns The model; dispose of it to free its device.
 * @throws {UserError} if there is no such model, a file is missing or broken, the graphs do not fit
 * together, the device is not there, or it has not enough memory.
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
  // The files first: their mistakes are told without waiting for a device.
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
 * @throws {UserError} A graph is broken, or they do not fit together.
 */
export async function loadingParts<B extends DeviceFacts>(
  backend: B,
  files: ModelFiles,
  { precision = "auto", recompute, force = false }: HowToCompute = {},
) {
  const graph = async (name: GraphName) => {
    const file = await files.graph(name);
    // The CPU embeds texts, in float32.
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
    // Only images need the decoder.
    graph: async (name: GraphName) => name === "vae_decoder" ? await graph(name) : graphs[name],
  };
}
