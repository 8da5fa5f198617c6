import * as v from "npm:valibot@1.5.0";
import type { SamplerConfig } from "../diffusion/sampling_plan.ts";
import type { NoiseScheduleConfig } from "../diffusion/noise_schedule.ts";
import { checkJson, POSITIVE_INTEGER } from "../files/check_json.ts";
import type { ModelSource } from "./model_source.ts";

/** Latent scale of Stable Diffusion's autoencoder, where no configuration says another. */
const STABLE_DIFFUSION_SCALING = 0.18215;

const FROM_0 = "a whole number of at least 0";

/** Defaults are those of diffusers' schedulers. */
const SCHEDULER: v.GenericSchema<unknown, NoiseScheduleConfig> = v.object({
  beta_schedule: v.optional(v.string(), "linear"),
  beta_start: v.optional(v.number(), 1e-4),
  beta_end: v.optional(v.number(), 0.02),
  num_train_timesteps: v.optional(POSITIVE_INTEGER, 1000),
  prediction_type: v.optional(v.string(), "epsilon"),
  trained_betas: v.nullish(v.array(v.number())),
  rescale_betas_zero_snr: v.optional(v.boolean()),
});

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
});

const UNET = v.object({ sample_size: v.optional(POSITIVE_INTEGER) });

/**
 * Reads `scheduler/scheduler_config.json`.
 *
 * @throws {UserError} If the file is missing or broken.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readNoiseSchedule } from "./model_config.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * console.assert((await readNoiseSchedule(source)).beta_schedule === "scaled_linear");
 * ```
 */
export async function readNoiseSchedule(source: ModelSource): Promise<NoiseScheduleConfig> {
  return await readJson(source, SCHEDULER, "scheduler/scheduler_config.json");
}

/**
 * Reads of `scheduler/scheduler_config.json` what steers a sampler.
 *
 * @throws {UserError} If the file is missing or broken.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readSamplerConfig } from "./model_config.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * console.assert((await readSamplerConfig(source)).steps_offset === 1);
 * ```
 */
export async function readSamplerConfig(source: ModelSource): Promise<SamplerConfig> {
  return await readJson(source, SAMPLER, "scheduler/scheduler_config.json");
}

/**
 * Reads the latent scale s of z = s·E(2x−1): `scaling_factor` of the autoencoder's configuration, or
 * Stable Diffusion's 0.18215. No graph holds it.
 *
 * @throws {UserError} If the file is broken.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readScalingFactor } from "./model_config.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * console.assert(await readScalingFactor(source) > 0.7);
 * ```
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
 * Reads the side of the U-Net's latents, `sample_size` of `unet/config.json`, if that is there.
 *
 * @throws {UserError} If the file is broken.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { readSampleSize } from "./model_config.ts";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * console.assert(await readSampleSize(source) === 16);
 * ```
 */
export async function readSampleSize(source: ModelSource): Promise<number | undefined> {
  const path = "unet/config.json";
  if (!await source.has(path)) return undefined;
  return (await readJson(source, UNET, path)).sample_size;
}

async function readJson<T>(
  source: ModelSource,
  schema: v.GenericSchema<unknown, T>,
  path: string,
): Promise<T> {
  return checkJson(schema, new TextDecoder().decode(await source.read(path)), path);
}
