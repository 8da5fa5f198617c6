/**
 * One evaluation of the U-Net within a {@link SamplingStep}, and the move that follows it.
 */
export interface Evaluation {
  /** The t at which the U-Net estimates the noise of the present latents. */
  readonly timestep: number;
  /** Weights of the latest estimates of the noise, this evaluation's first; at most four. */
  readonly weights: readonly number[];
  /** Timestep to which the latents move; `end` is clean, or as clean as the model's schedule gets. */
  readonly target: number | "end";
}

/**
 * One step of a sampler, as a list of evaluations. Each evaluation moves the latents *with which the
 * step began*, from the timestep of the first evaluation; the result of the last is the step's result.
 * Later steps see only the first of the step's estimates.
 *
 * A multistep method has one evaluation per step, a Runge–Kutta method has several.
 */
export type SamplingStep = readonly Evaluation[];

/** The most estimates that a move combines. */
export const MAX_WEIGHTS = 4;

/** The most estimates that are kept: four of a Runge–Kutta step, and two of the steps before it. */
export const MAX_ESTIMATES = 6;
