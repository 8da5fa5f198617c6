/**
 * One evaluation of the U-Net within a {@link SamplingStep}, and the move that follows it.
 */
export interface Evaluation {
  /** t at which the U-Net is asked for the noise of the latents as they are. */
  readonly timestep: number;
  /** Weights of the latest estimates of the noise, this evaluation's first; at most four. */
  readonly weights: readonly number[];
  /** Timestep the latents are moved to; `end` is clean, or as nearly as the model's schedule has it. */
  readonly target: number | "end";
}

/**
 * One step of a sampler, as a list of evaluations. Each moves the latents *the step began with*,
 * from the timestep of its first evaluation; the last one's result is the step's. Of the step's
 * estimates, later steps see the first only.
 *
 * One evaluation a step is a multistep method, several are a Runge–Kutta method.
 *
 * @example
 * ```ts
 * import type { SamplingStep } from "./sampling_step.ts";
 *
 * // From timestep 500 to 460: a trial move, then one along the mean of both ends' estimates.
 * const heun: SamplingStep = [
 *   { timestep: 500, weights: [1], target: 460 },
 *   { timestep: 460, weights: [0.5, 0.5], target: 460 },
 * ];
 * console.assert(heun.length === 2);
 * ```
 */
export type SamplingStep = readonly Evaluation[];

/** The most estimates that a move combines. */
export const MAX_WEIGHTS = 4;

/** The most estimates that are alive: a Runge–Kutta step's four, and two of steps before it. */
export const MAX_ESTIMATES = 6;
