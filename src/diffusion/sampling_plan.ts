import type { SampleSettings } from "../settings/sample_settings.ts";
import { ddim } from "./ddim.ts";
import { pndm } from "./pndm.ts";
import type { SamplingStep } from "./sampling_step.ts";
import { inferenceTimesteps, type TimestepConfig } from "./timesteps.ts";
import { NO_CLIP } from "./transfer.ts";

/** The name of a sampler. */
export type SamplerName = SampleSettings["scheduler"];

/**
 * The fields of diffusers' `scheduler/scheduler_config.json` that steer a sampler. Names are
 * diffusers' own, and so are the defaults, but for `clip_sample`: latents are not bounded unless a
 * file says so, as diffusers' pipelines for latent models have it.
 */
export interface SamplerConfig extends TimestepConfig {
  /** Whether the last step ends at ᾱ = 1 instead of ᾱ_0; true for DDIM, false for PNDM. */
  readonly set_alpha_to_one?: boolean | undefined;
  /** Whether PNDM begins without Runge–Kutta steps. */
  readonly skip_prk_steps: boolean;
  /** Whether DDIM bounds its estimate of the clean latents. */
  readonly clip_sample: boolean;
  /** That bound. */
  readonly clip_sample_range: number;
}

/** Everything a sampler does, decided before it begins. */
export interface SamplingPlan {
  readonly steps: readonly SamplingStep[];
  /** ᾱ where the last step ends. */
  readonly finalAlphaCumprod: number;
  /** Bound of the estimate of the clean latents. */
  readonly clip: number;
}

/**
 * Plans the steps of a sampler.
 *
 * @param alphasCumprod ᾱ_t of the model's schedule.
 * @param steps N, from 1 to the number of timesteps.
 * @throws {UserError} If the schedule has no place for that many steps.
 *
 * @example
 * ```ts
 * import { samplingPlan } from "./sampling_plan.ts";
 *
 * const config = {
 *   timestep_spacing: "leading",
 *   steps_offset: 1,
 *   skip_prk_steps: true,
 *   clip_sample: false,
 *   clip_sample_range: 1,
 * };
 * const { steps, finalAlphaCumprod } = samplingPlan("ddim", new Float32Array(1000), 25, config);
 * console.assert(steps.length === 25 && finalAlphaCumprod === 1);
 * ```
 */
export function samplingPlan(
  scheduler: SamplerName,
  alphasCumprod: Float32Array,
  steps: number,
  config: SamplerConfig,
): SamplingPlan {
  const timesteps = inferenceTimesteps(alphasCumprod.length, steps, config);
  const { set_alpha_to_one: alphaToOne = scheduler === "ddim" } = config;
  return {
    steps: scheduler === "ddim"
      ? ddim(timesteps)
      : pndm(timesteps, { skipPrkSteps: config.skip_prk_steps }),
    finalAlphaCumprod: alphaToOne ? 1 : alphasCumprod[0],
    clip: scheduler === "ddim" && config.clip_sample ? config.clip_sample_range : NO_CLIP,
  };
}
