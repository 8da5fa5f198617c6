import { UserError } from "../errors.ts";

/**
 * The fields of diffusers' `scheduler/scheduler_config.json` that define the forward process. Names
 * and defaults are diffusers' own; those that only steer a sampler are in `SamplerConfig`.
 */
export interface NoiseScheduleConfig {
  /** `linear`, `scaled_linear` or `squaredcos_cap_v2`. */
  readonly beta_schedule: string;
  /** First β. */
  readonly beta_start: number;
  /** Last β. */
  readonly beta_end: number;
  /** Number of timesteps T the model was trained with. */
  readonly num_train_timesteps: number;
  /** The meaning of the U-Net's output: `epsilon` or `v_prediction`. */
  readonly prediction_type: string;
  /** The βs themselves, instead of a schedule. */
  readonly trained_betas?: readonly number[] | undefined;
  /** Whether the βs are rescaled to a terminal signal-to-noise ratio of zero: not supported. */
  readonly rescale_betas_zero_snr?: boolean | undefined;
}

/** The forward process of a diffusion model: z_t = √ᾱ_t z + √(1−ᾱ_t) ε. */
export interface NoiseSchedule {
  /** ᾱ_t = ∏_{s≤t} (1−β_s) for t = 0..T−1: from nearly 1 down to nearly 0. */
  readonly alphasCumprod: Float32Array;
  /** The U-Net predicts the noise ε, or v = √ᾱ_t ε − √(1−ᾱ_t) z. */
  readonly predictionType: "epsilon" | "v_prediction";
}

/**
 * The weights of clean latents and of noise, √ᾱ and √(1−ᾱ), at a noise level ᾱ.
 */
export function noiseLevel(alphaCumprod: number): { signal: number; sigma: number } {
  return { signal: Math.sqrt(alphaCumprod), sigma: Math.sqrt(1 - alphaCumprod) };
}

/**
 * Builds the constants of a model's forward process.
 *
 * @throws {UserError} The schedule or the prediction type is not supported, or a β is not in (0, 1].
 */
export function createNoiseSchedule(config: NoiseScheduleConfig): NoiseSchedule {
  const { prediction_type: predictionType } = config;
  if (predictionType !== "epsilon" && predictionType !== "v_prediction") {
    throw new UserError(
      `Unsupported prediction type "${predictionType}": wanted epsilon or v_prediction`,
      "use another model",
    );
  }
  if (config.rescale_betas_zero_snr) {
    throw new UserError(
      "Unsupported noise schedule: betas rescaled to zero terminal signal-to-noise ratio",
      "use another model",
    );
  }
  const betas = config.trained_betas ?? scheduleBetas(config);
  const alphasCumprod = new Float32Array(betas.length);
  // The product runs in float64; single precision would lose digits over a thousand factors.
  let product = 1;
  for (const [t, beta] of betas.entries()) {
    if (!(beta > 0 && beta <= 1)) {
      throw new UserError(
        `Invalid noise schedule: β at timestep ${t} is ${beta}, wanted above 0 and at most 1`,
        "check scheduler_config.json",
      );
    }
    product *= 1 - beta;
    alphasCumprod[t] = product;
  }
  return { alphasCumprod, predictionType };
}

/** βs of a named schedule, as diffusers defines them. */
function scheduleBetas(config: NoiseScheduleConfig): Float64Array {
  const { beta_schedule: schedule, beta_start: start, beta_end: end } = config;
  const steps = config.num_train_timesteps;
  switch (schedule) {
    case "linear":
      return linspace(start, end, steps);
    case "scaled_linear":
      // Linear in √β: the schedule of latent diffusion.
      return linspace(Math.sqrt(start), Math.sqrt(end), steps).map((root) => root * root);
    case "squaredcos_cap_v2":
      return Float64Array.from(
        { length: steps },
        (_, t) => Math.min(1 - cosineAlphaBar((t + 1) / steps) / cosineAlphaBar(t / steps), 0.999),
      );
    default:
      throw new UserError(
        `Unsupported noise schedule "${schedule}": ` +
          "wanted linear, scaled_linear or squaredcos_cap_v2",
        "use another model",
      );
  }
}

/** ᾱ at the fraction `u` of the way, 0..1 (Nichol and Dhariwal 2021, eq. 17). */
function cosineAlphaBar(u: number): number {
  return Math.cos((u + 0.008) / 1.008 * Math.PI / 2) ** 2;
}

function linspace(start: number, end: number, count: number): Float64Array {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Float64Array.from({ length: count }, (_, i) => start + i * step);
}
