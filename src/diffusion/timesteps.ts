import { UserError } from "../errors.ts";

/** How a sampler's timesteps are spread over those of training. */
export interface TimestepConfig {
  /** `leading`, `trailing` or `linspace`. */
  readonly timestep_spacing: string;
  /** Added to each timestep of `leading`, at least 0. */
  readonly steps_offset: number;
}

/**
 * The timesteps at which a sampler's steps begin, from the noisiest to the cleanest, as diffusers
 * spreads them (Lin et al. 2024, table 2).
 *
 * @param total Number of timesteps T the model was trained with.
 * @param steps N, from 1 to T.
 * @throws {UserError} If the spacing is unknown, or a timestep is beyond T−1.
 *
 * @example
 * ```ts
 * import { inferenceTimesteps } from "./timesteps.ts";
 *
 * const config = { timestep_spacing: "leading", steps_offset: 1 };
 * console.assert(inferenceTimesteps(1000, 4, config).join() === "751,501,251,1");
 * ```
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
