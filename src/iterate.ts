import type { Backend } from "./backend/backend.ts";
import { paced } from "./backend/paced.ts";
import { seededDraws } from "./diffusion/draws.ts";
import { describeVerdicts, judgeMask, type Verdict } from "./mask/verdict.ts";
import { checkSetting, whole } from "./settings/range.ts";
import type { Settings } from "./settings/settings.ts";
import { type Stages, step } from "./step.ts";

/** Iterations from one frame to the next, by default. */
export const FRAME_EVERY = 5;
/** The range of {@link RunOptions.frameEvery}. */
export const FRAME_EVERY_RANGE = whole(1, 100_000);

/** Progress of a run, reported about twice a second, or after each iteration that takes longer. */
export interface Progress {
  /** Iterations done. */
  readonly iteration: number;
  /** Iterations wanted. */
  readonly iterations: number;
}

/** Options of every optimisation, besides its settings. */
export interface RunOptions {
  /**
   * Stops the optimisation early. The call then returns the results so far, marked as interrupted. A
   * signal that is aborted before the first iteration makes the call reject.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called while iterations run. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Called for each prompt that is too long for the model, for words that the model does not know, and
   * when a tenth of the iterations has made no mask.
   */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Iterations from one frame to the next: a whole number from 1, by default 5. */
  readonly frameEvery?: number | undefined;
  /** Milliseconds since some fixed moment, to bound the work queued on a GPU. */
  readonly clock?: (() => number) | undefined;
}

/** Values of an optimisation at one point. */
export interface Snapshot {
  /** α of each mask (alphaSize, alphaSize), 0..1. */
  readonly alphas: readonly Float32Array[];
}

/** An optimisation, as {@link iterate} runs it. */
export interface Optimization<S extends Snapshot> {
  readonly backend: Backend;
  readonly stages: Stages;
  /** The number of iterations, and the settings of the random draws. */
  readonly settings: Pick<Settings, "iterations" | "seed" | "tMin" | "tMax">;
  /** Reads the values that the last forward wrote. */
  read(): Promise<S>;
  /** Receives the values at first, after every `frameEvery` iterations, and at the end. */
  readonly onFrame?: ((iteration: number, snapshot: S) => void | Promise<void>) | undefined;
  /** The prompt of each mask, for the warning. */
  readonly prompts: readonly string[];
  /** The mask is α ≥ this, 0..1. */
  readonly threshold: number;
  /** Selects the part of a mask that is judged; by default all of it. */
  readonly judged?: (alpha: Float32Array) => Float32Array;
}

/** The outcome of an optimisation. */
export interface Run<S extends Snapshot> {
  /** Values after the last iteration. */
  readonly snapshot: S;
  /** Iterations done. */
  readonly done: number;
  /** Seconds they took. */
  readonly seconds: number;
  /** Whether each mask can be trusted. */
  readonly verdicts: readonly Verdict[];
}

/** The fewest iterations for which a tenth of them is worth a warning. */
const FEWEST_TO_WARN = 10;

/**
 * Runs an optimisation. Nothing is read back between iterations but frames, the first masks, and
 * those after a tenth of the iterations, which show early whether it goes anywhere.
 *
 * @throws If the signal is aborted before the first iteration: its reason.
 * @throws {UserError} `frameEvery` is not a whole number from 1.
 */
export async function iterate<S extends Snapshot>(
  optimization: Optimization<S>,
  { signal, onProgress, onWarning, frameEvery = FRAME_EVERY, clock = () => performance.now() }:
    RunOptions,
): Promise<Run<S>> {
  const { backend, stages, settings, read, onFrame, prompts, threshold } = optimization;
  const { judged = (alpha: Float32Array) => alpha } = optimization;
  checkSetting("frameEvery", FRAME_EVERY_RANGE, frameEvery);
  const { iterations } = settings;
  const draws = seededDraws(backend, settings);
  const tenth = iterations < FEWEST_TO_WARN ? undefined : Math.ceil(iterations / 10);
  let before: readonly Float32Array[] = [];
  const judge = ({ alphas }: Snapshot) =>
    alphas.map((now, p) => judgeMask({ before: before[p], now: judged(now), threshold }));

  const begun = clock();
  const work = async (i: number) => {
    await step(stages, draws, i);
    // The masks that an iteration computes first are those that the iterations before it made.
    const framed = onFrame && i % frameEvery === 0;
    if (!framed && i !== 0 && i !== tenth) return;
    const snapshot = await read();
    if (i === 0) before = snapshot.alphas.map(judged);
    if (i === tenth) {
      const verdicts = judge(snapshot).map((verdict, p) => ({ prompt: prompts[p], verdict }));
      const told = describeVerdicts(verdicts);
      if (told) onWarning?.(`After ${i} of ${iterations} iterations, ${told.message}`);
    }
    if (framed) await onFrame(i, snapshot);
  };
  const done = await paced(backend, iterations, work, {
    clock,
    signal,
    onProgress: (iteration) => onProgress?.({ iteration, iterations }),
  });
  if (done === 0) signal?.throwIfAborted();
  const seconds = (clock() - begun) / 1000;

  await stages.parametrization.forward();
  await stages.images?.forward();
  const snapshot = await read();
  await onFrame?.(done, snapshot);
  return { snapshot, done, seconds, verdicts: judge(snapshot) };
}
