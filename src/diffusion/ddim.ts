import type { SamplingStep } from "./sampling_step.ts";

/**
 * Lists the steps of DDIM (Song et al. 2021, equation 12 with σ_t = 0). Each moves the latents to the
 * next timestep along the present estimate of the noise.
 *
 *     z_t′ = √ᾱ_t′ · (z_t − √(1 − ᾱ_t) ε̂) / √ᾱ_t + √(1 − ᾱ_t′) · ε̂
 *
 * @param timesteps From the noisiest to the cleanest.
 */
export function ddim(timesteps: readonly number[]): SamplingStep[] {
  return timesteps.map((
    timestep,
    k,
  ) => [{ timestep, weights: [1], target: timesteps[k + 1] ?? "end" }]);
}
