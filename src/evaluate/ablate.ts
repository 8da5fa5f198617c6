import type { DiffusionModel } from "../diffusion/model.ts";
import type { Image } from "../image/image.ts";
import { FRAME_EVERY, type RunOptions } from "../iterate.ts";
import { coverage, DEFAULT_THRESHOLD } from "../mask/threshold.ts";
import { segment, type Segmentation } from "../segment.ts";
import type { AblationRun } from "./ablation.ts";
import { mean } from "./metrics.ts";

/** α at one point of a run, and what is said of it. */
export interface AblationFrame {
  /** Iterations done. */
  readonly iteration: number;
  /** α (alphaSize, alphaSize), 0..1. */
  readonly alpha: Float32Array;
  /** Mean of α over the pixels: 0..1. */
  readonly meanAlpha: number;
  /** Fraction of the pixels with α ≥ the threshold, 0..1. */
  readonly coverage: number;
  /** Variance of α over the pixels: ¼ at most, for a mask of 0 and 1 half and half. */
  readonly variance: number;
}

/** What became of one run. */
export interface AblationResult extends AblationRun {
  /** Its mask. */
  readonly segmentation: Segmentation;
  /** At first, after every `frameEvery` iterations, and at the end. */
  readonly frames: readonly AblationFrame[];
}

/** What {@link ablate} may be told. */
export interface AblateOptions extends RunOptions {
  /** Coverage counts α ≥ this; ½ unless given. */
  readonly threshold?: number | undefined;
}

/**
 * Segments an image once for each run of an ablation, and follows α.
 *
 * @param runs From `ablationRuns`.
 * @returns One result a run, in order; those before the signal's, and the run it stopped.
 *
 * @example
 * ```ts
 * import { decodeImage, loadModel } from "../../mod.ts";
 * import { ablate } from "./ablate.ts";
 * import { ablationRuns } from "./ablation.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const bytes = await Deno.readFile(new URL("../../examples/turtle-on-noise.png", import.meta.url));
 * const image = await decodeImage(bytes, "turtle-on-noise.png");
 * const runs = ablationRuns("blur", model.defaults, { iterations: 2, alphaSize: 16 }, 1000);
 * const [, without] = await ablate(model, image, "a turtle", runs, { frameEvery: 1 });
 * console.assert(without.frames.map(({ iteration }) => iteration).join() === "0,1,2");
 * ```
 */
export async function ablate(
  model: DiffusionModel,
  image: Image,
  prompt: string,
  runs: readonly AblationRun[],
  { threshold = DEFAULT_THRESHOLD, frameEvery = FRAME_EVERY, onProgress, signal, ...options }:
    AblateOptions = {},
): Promise<AblationResult[]> {
  const total = runs.reduce((sum, { settings }) => sum + settings.iterations, 0);
  const results: AblationResult[] = [];
  let before = 0;
  for (const run of runs) {
    // What is finished counts, also where Ctrl-C comes between two runs.
    if (signal?.aborted && results.length > 0) break;
    const frames: AblationFrame[] = [];
    const [segmentation] = await segment(model, image, prompt, {
      ...options,
      ...run.settings,
      signal,
      frameEvery,
      onFrame: ({ iteration, alphas: [alpha] }) => {
        frames.push({ iteration, ...described(alpha, threshold) });
      },
      onProgress: ({ iteration }) =>
        onProgress?.({ iteration: before + iteration, iterations: total }),
    });
    before += run.settings.iterations;
    results.push({ ...run, segmentation, frames });
    if (segmentation.interrupted) break;
  }
  return results;
}

function described(alpha: Float32Array, threshold: number): Omit<AblationFrame, "iteration"> {
  const values = Array.from(alpha);
  const meanAlpha = mean(values);
  return {
    alpha: alpha.slice(),
    meanAlpha,
    coverage: coverage(alpha, threshold),
    variance: mean(values.map((a) => (a - meanAlpha) ** 2)),
  };
}
