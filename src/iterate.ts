import type { Backend } from "./backend/backend.ts";
import { paced } from "./backend/paced.ts";
import type { Draws } from "./diffusion/draws.ts";
import { UserError } from "./errors.ts";
import { type Rule, whole } from "./settings.ts";
import { type Stages, step } from "./step.ts";

/** Iterations from one frame to the next, unless it is said. */
export const FRAME_EVERY = 5;
/** What that may be. */
export const FRAME_EVERY_RULE: Rule = whole(1, 100_000);

/** Told after iterations, about twice a second or after each one that takes longer. */
export interface Progress {
  /** Iterations done. */
  readonly iteration: number;
  /** Iterations wanted. */
  readonly iterations: number;
}

/** What everything that optimises may be told besides its settings. */
export interface RunOptions {
  /**
   * Stops the optimisation early: the results so far are returned, marked as interrupted. Aborted
   * before the first iteration, it rejects.
   */
  readonly signal?: AbortSignal;
  /** Called as iterations are done. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called once for each prompt the model cannot read whole. */
  readonly onWarning?: (message: string) => void;
  /** Iterations from one frame to the next, a whole number from 1; 5 unless given. */
  readonly frameEvery?: number | undefined;
  /** Milliseconds since some fixed moment, to bound the work queued on a GPU. */
  readonly clock?: () => number;
}

/** What became of a run. */
export interface Run {
  /** Iterations done. */
  readonly done: number;
  /** Seconds they took. */
  readonly seconds: number;
}

/** What {@link iterate} runs. */
export interface Iteration {
  readonly backend: Backend;
  readonly stages: Stages;
  readonly draws: Draws;
  readonly iterations: number;
  /** Reads what there is after `iteration` iterations, while the tensors hold it. */
  readonly capture?: ((iteration: number) => Promise<void>) | undefined;
}

/**
 * Runs the iterations of one optimisation. Nothing is read back between them but what is captured.
 *
 * @throws If the signal is aborted before the first iteration: its reason.
 * @throws {UserError} `frameEvery` is no whole number from 1.
 */
export async function iterate(
  { backend, stages, draws, iterations, capture }: Iteration,
  { signal, onProgress, frameEvery = FRAME_EVERY, clock = () => performance.now() }: RunOptions,
): Promise<Run> {
  if (!FRAME_EVERY_RULE.ok(frameEvery)) {
    throw new UserError(
      `Invalid frameEvery ${frameEvery}: wanted ${FRAME_EVERY_RULE.wanted}`,
      "leave it out for the default",
    );
  }
  const begun = clock();
  const work = async (i: number) => {
    await step(stages, draws, i);
    // What an iteration computes first is what those before it made: no mask is computed for it.
    if (i % frameEvery === 0) await capture?.(i);
  };
  const done = await paced(backend, iterations, work, {
    clock,
    signal,
    onProgress: (iteration) => onProgress?.({ iteration, iterations }),
  });
  if (done === 0) signal?.throwIfAborted();
  return { done, seconds: (clock() - begun) / 1000 };
}
