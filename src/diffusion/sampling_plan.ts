import { UserError } from "../errors.ts";
import type { SampleSettings } from "../settings/sample_settings.ts";
import { ddim } from "./ddim.ts";
import { pndm } from "./pndm.ts";
import type { SamplingStep } from "./sampling_step.ts";
import { NO_CLIP } from "./transfer.ts";

/** The name of a sampler. */
export type SamplerName = SampleSettings["scheduler"];

/** The fields that spread a sampler's timesteps over those of training. */
export interface TimestepConfig {
  /** `leading`, `trailing` or `linspace`. */
  readonly timestep_spacing: string;
  /** Added to each timestep of `leading`, at least 0. */
  readonly steps_offset: number;
}

/**
 * The fields of diffusers' `scheduler/scheduler_config.json` that steer a sampler. Names are
 * diffusers' own, and so are the defaults, but for `clip_sample`: as in diffusers' pipelines for latent
 * models, a file must ask for bounded latents.
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

/** The steps of a sampler, decided before it begins. */
export interface SamplingPlan {
  readonly steps: readonly SamplingStep[];
  /** ᾱ at the end of the last step. */
  readonly finalAlphaCumprod: number;
  /** Bound of the estimate of the clean latents. */
  readonly clip: number;
}

/**
 * Plans the steps of a sampler.
 *
 * @param alphasCumprod ᾱ_t of the model's schedule.
 * @param steps N, from 1 to the number of timesteps.
 * @throws {UserError} The schedule has no room for that many steps.
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

/**
 * Lists the timesteps at which a sampler's steps begin, from the noisiest to the cleanest, spread as
 * diffusers spreads them (Lin et al. 2024, table 2).
 *
 * @param total T, the number of timesteps with which the model was trained.
 * @param steps N, from 1 to T.
 * @throws {UserError} The spacing is unknown, or a timestep is beyond T−1.
 */
export function inferenceTimesteps(
  total: number,
  steps: number,
  { timestep_spacing: spacing, steps_offset: offset }: TimestepConfig,
): number[] {
  const timesteps = Array.from({ length: steps }, (_, k) => {
    switch (spacing) {
      case "leading":
        return (steps - 1 - k) * Math.floor(total / steps) + offset;
      case "trailing":
        return Math.round(total - k * total / steps) - 1;
      case "linspace":
        return Math.round((total - 1) * (1 - k / Math.max(1, steps - 1)));
      default:
        throw new UserError(
          `Unsupported timestep spacing "${spacing}": wanted leading, trailing or linspace`,
          "use another model",
        );
    }
  });
  const [first] = timesteps;
  if (first < total) return timesteps;
  throw new UserError(
    `Cannot take ${steps} steps: with the model's offset of ${offset}, the first would be at ` +
      `timestep ${first}, the model's last is ${total - 1}`,
    `take at most ${total - offset} steps`,
  );
}
