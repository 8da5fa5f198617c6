import * as v from "npm:valibot@1.5.0";
import type { NoiseScheduleConfig } from "../diffusion/noise_schedule.ts";
import type { SamplerConfig } from "../diffusion/sampling_plan.ts";
import { UserError } from "../errors.ts";
import { checkConfig, POSITIVE_INTEGER } from "../files/check_json.ts";
import type { ImageInput } from "../image/image_input.ts";
import type { TokenizerFiles } from "../prompt/tokenize.ts";
import type { ModelSource } from "./model_source.ts";

/** Latent scale of Stable Diffusion's autoencoder, for a model without a configuration of its own. */
const STABLE_DIFFUSION_SCALING = 0.18215;

const FROM_0 = "a whole number of at least 0";

/** The defaults are those of diffusers' schedulers; those of the βs differ by class. */
const SCHEDULER = v.object({
  beta_schedule: v.exactOptional(v.string()),
  beta_start: v.exactOptional(v.number()),
  beta_end: v.exactOptional(v.number()),
  num_train_timesteps: v.optional(POSITIVE_INTEGER, 1000),
  prediction_type: v.optional(v.string(), "epsilon"),
  trained_betas: v.exactOptional(v.array(v.number())),
  rescale_betas_zero_snr: v.exactOptional(v.boolean()),
});

const SCHEDULER_KIND: v.GenericSchema<unknown, SchedulerKind> = v.object({
  _class_name: v.optional(v.string()),
  use_flow_sigmas: v.optional(v.boolean()),
  timestep_type: v.optional(v.string()),
});

/** The pipeline's parts: library and class of each, or nulls. */
const MODEL_INDEX = v.object({ scheduler: v.optional(v.array(v.nullable(v.string()))) });

const SAMPLER: v.GenericSchema<unknown, SamplerConfig> = v.object({
  timestep_spacing: v.optional(v.string(), "leading"),
  steps_offset: v.optional(v.pipe(v.number(), v.integer(FROM_0), v.minValue(0, FROM_0)), 0),
  set_alpha_to_one: v.optional(v.boolean()),
  skip_prk_steps: v.optional(v.boolean(), false),
  clip_sample: v.optional(v.boolean(), false),
  clip_sample_range: v.optional(v.pipe(v.number(), v.gtValue(0, "a number above 0")), 1),
});

const AUTOENCODER = v.object({
  scaling_factor: v.optional(v.pipe(v.number(), v.gtValue(0, "a number above 0"))),
  // Autoencoders of flow matching models; z = s·E(2x−1) would be wrong for them.
  shift_factor: v.optional(v.pipe(v.number(), v.value(0, "0 (no shift of the latents)"))),
});

const UNET = v.object({ sample_size: v.optional(POSITIVE_INTEGER) });

/**
 * Reads the noise schedule from `scheduler/scheduler_config.json`. The scheduler's class may stand there
 * and in `model_index.json`.
 *
 * @throws {UserError} A file is missing or broken, or the scheduler is one whose noise is not DDPM's.
 */
export async function readNoiseSchedule(source: ModelSource): Promise<NoiseScheduleConfig> {
  const { scheduler } = await readJson(source, MODEL_INDEX, "model_index.json");
  const named = scheduler?.at(-1) ?? undefined;
  const ofPipeline = defaultBetas({ _class_name: named }, "model_index.json");
  const path = "scheduler/scheduler_config.json";
  const ofConfig = defaultBetas(await readJson(source, SCHEDULER_KIND, path), path);
  // The pipeline's class is the one that diffusers makes of the configuration.
  const betas = named === undefined ? ofConfig : ofPipeline;
  return { ...betas, ...await readJson(source, SCHEDULER, path) };
}

/**
 * Reads the configuration of samplers from `scheduler/scheduler_config.json`.
 *
 * @throws {UserError} The file is missing or broken.
 */
export async function readSamplerConfig(source: ModelSource): Promise<SamplerConfig> {
  return await readJson(source, SAMPLER, "scheduler/scheduler_config.json");
}

/**
 * Reads the latent scale s of z = s·E(2x−1): `scaling_factor` of the autoencoder's configuration, or
 * Stable Diffusion's 0.18215. No graph holds it.
 *
 * @throws {UserError} The file is broken.
 */
export async function readScalingFactor(source: ModelSource): Promise<number> {
  for (const path of ["vae/config.json", "vae_encoder/config.json"]) {
    if (!await source.has(path)) continue;
    const { scaling_factor } = await readJson(source, AUTOENCODER, path);
    if (scaling_factor !== undefined) return scaling_factor;
  }
  return STABLE_DIFFUSION_SCALING;
}

/**
 * Reads the side of the U-Net's latents, `sample_size` of `unet/config.json`, if that exists.
 *
 * @throws {UserError} The file is broken.
 */
export async function readSampleSize(source: ModelSource): Promise<number | undefined> {
  const path = "unet/config.json";
  if (!await source.has(path)) return undefined;
  return (await readJson(source, UNET, path)).sample_size;
}

const TOKENIZER_FILES = [
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
] as const;

/**
 * Reads the files of a tokenizer that exist.
 *
 * @throws {UserError} One cannot be read.
 */
export async function readTokenizerFiles(
  source: Pick<ModelSource, "has" | "read">,
): Promise<TokenizerFiles> {
  const files: { -readonly [name in keyof TokenizerFiles]: string } = {};
  for (const name of TOKENIZER_FILES) {
    if (await source.has(name)) files[name] = new TextDecoder().decode(await source.read(name));
  }
  return files;
}

const CHANNELS = v.pipe(v.array(v.number()), v.length(3, "three numbers"));
const DIVISORS = v.pipe(CHANNELS, v.everyItem((value) => value !== 0, "numbers other than 0"));

/** The side of an image, in any of the forms that transformers' processors write. */
const SIZE = v.union([
  POSITIVE_INTEGER,
  v.pipe(v.object({ shortest_edge: POSITIVE_INTEGER }), v.transform((size) => size.shortest_edge)),
  v.pipe(
    v.object({ height: POSITIVE_INTEGER, width: POSITIVE_INTEGER }),
    v.check(({ height, width }) => height === width, "a square"),
    v.transform(({ height }) => height),
  ),
]);

const PROCESSOR = v.object({
  size: v.optional(SIZE),
  crop_size: v.optional(SIZE),
  do_center_crop: v.optional(v.boolean(), true),
  ensure_multiple_of: v.optional(POSITIVE_INTEGER),
  do_normalize: v.optional(v.boolean(), true),
  image_mean: v.optional(CHANNELS),
  image_std: v.optional(DIVISORS),
});

const PREPROCESSOR_FILE = "preprocessor_config.json";

/**
 * Reads the images that a network takes from `preprocessor_config.json`, as transformers' processors
 * write it: `crop_size` or `size`, `ensure_multiple_of`, and `image_mean` and `image_std` unless
 * `do_normalize` is false.
 *
 * @throws {UserError} The file is missing or broken.
 */
export async function readImageInput(
  source: Pick<ModelSource, "label" | "has" | "read">,
): Promise<ImageInput> {
  if (!await source.has(PREPROCESSOR_FILE)) {
    throw new UserError(
      `${source.label} lacks ${PREPROCESSOR_FILE}: wanted the image's size, mean and standard deviation`,
      `write them there: {"size": 256, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}`,
    );
  }
  const config = checkConfig(
    PROCESSOR,
    new TextDecoder().decode(await source.read(PREPROCESSOR_FILE)),
    PREPROCESSOR_FILE,
  );
  const { do_center_crop, crop_size, do_normalize, image_mean, image_std } = config;
  const size = (do_center_crop ? crop_size : undefined) ?? config.size;
  const missing = Object.entries({
    size,
    ...(do_normalize ? { image_mean, image_std } : {}),
  }).find(([, value]) => value === undefined);
  if (missing || size === undefined) {
    throw new UserError(
      `${source.label} cannot be used: field "${missing?.[0]}" of ${PREPROCESSOR_FILE} is missing`,
      "mend the file, or fetch the model again",
    );
  }
  return {
    size,
    multipleOf: config.ensure_multiple_of,
    mean: do_normalize ? image_mean! : [0, 0, 0],
    std: do_normalize ? image_std! : [1, 1, 1],
  };
}

async function readJson<T>(
  source: ModelSource,
  schema: v.GenericSchema<unknown, T>,
  path: string,
): Promise<T> {
  return checkConfig(schema, new TextDecoder().decode(await source.read(path)), path);
}

/** The βs of a configuration that gives none. */
export type DefaultBetas = Pick<NoiseScheduleConfig, "beta_schedule" | "beta_start" | "beta_end">;

const OF_DDPM: DefaultBetas = { beta_schedule: "linear", beta_start: 1e-4, beta_end: 0.02 };
const OF_KARRAS: DefaultBetas = { beta_schedule: "linear", beta_start: 8.5e-4, beta_end: 0.012 };
const OF_LATENTS: DefaultBetas = { ...OF_KARRAS, beta_schedule: "scaled_linear" };

/**
 * The classes of diffusers' schedulers that add noise as DDPM does, z_t = √ᾱ_t z + √(1−ᾱ_t) ε with the βs
 * of the configuration, and their default βs. They differ in how they sample, which is no concern of the
 * noise schedule.
 */
const AS_DDPM: ReadonlyMap<string, DefaultBetas> = new Map([
  ["DDIM", OF_DDPM],
  ["DDIMInverse", OF_DDPM],
  ["DDIMParallel", OF_DDPM],
  ["DDPM", OF_DDPM],
  ["DDPMParallel", OF_DDPM],
  ["DEISMultistep", OF_DDPM],
  ["DPMSolverMultistep", OF_DDPM],
  ["DPMSolverMultistepInverse", OF_DDPM],
  ["DPMSolverSDE", OF_KARRAS],
  ["DPMSolverSinglestep", OF_DDPM],
  ["EulerAncestralDiscrete", OF_DDPM],
  ["EulerDiscrete", OF_DDPM],
  ["HeunDiscrete", OF_KARRAS],
  ["KDPM2AncestralDiscrete", OF_KARRAS],
  ["KDPM2Discrete", OF_KARRAS],
  ["LCM", OF_LATENTS],
  ["LMSDiscrete", OF_DDPM],
  ["PNDM", OF_DDPM],
  ["RePaint", OF_DDPM],
  ["SASolver", OF_DDPM],
  ["TCD", OF_LATENTS],
  ["UniPCMultistep", OF_DDPM],
]);

/** The fields of a scheduler's configuration that say of which kind it is. */
export interface SchedulerKind {
  readonly _class_name?: string | undefined;
  /** The noise is that of flow matching, whatever the class. */
  readonly use_flow_sigmas?: boolean | undefined;
  /** `continuous`: the U-Net takes ¼ ln σ instead of a timestep. */
  readonly timestep_type?: string | undefined;
}

/**
 * Finds the default βs of a scheduler, and refuses one that adds noise in another way than DDPM: its
 * configuration may lack the βs, and any default would be a noise schedule that the model has never seen.
 *
 * @param path The configuration's file in messages.
 * @throws {UserError} The class is not known to add noise as DDPM does.
 */
export function defaultBetas(kind: SchedulerKind, path: string): DefaultBetas {
  const { _class_name: name = "DDPMScheduler", use_flow_sigmas: flow } = kind;
  const { timestep_type: time = "discrete" } = kind;
  const refuse = (found: string) =>
    new UserError(
      `Unsupported scheduler in ${path}: wanted one that adds noise as DDPM does, such as ` +
        `DDIMScheduler or PNDMScheduler, found ${found}`,
      "use a model of the kind of Stable Diffusion 1 or 2",
    );
  const betas = AS_DDPM.get(name.replace(/^Flax/, "").replace(/Scheduler$/, ""));
  if (!betas) throw refuse(`${name}${/flow/i.test(name) ? ", which is flow matching" : ""}`);
  if (flow) throw refuse(`${name} with use_flow_sigmas, which is flow matching`);
  if (time !== "discrete") throw refuse(`${name} with timesteps of type ${time}`);
  return betas;
}
