import type { DiffusionModel } from "../diffusion/model.ts";
import type { Image } from "../image/image.ts";
import { FRAME_EVERY, type RunOptions } from "../iterate.ts";
import { coverage, DEFAULT_THRESHOLD } from "../mask/threshold.ts";
import { segment, type Segmentation } from "../segment.ts";
import {
  type ModelDefaults,
  resolveSettings,
  type Settings,
  type SettingsOverrides,
} from "../settings/settings.ts";
import { mean } from "./metrics.ts";

/**
 * The paper's ablations (figures 10 to 14):
 * - `lambda`: the penalty on α, at multiples of its default;
 * - `parametrization`: α as an implicit function (*Fourier*) and as pixels (*raster*);
 * - `blur`: with and without the bilateral filter.
 *
 * @example
 * ```ts
 * import { ABLATIONS } from "../../mod.ts";
 *
 * console.assert(ABLATIONS.includes("lambda"));
 * ```
 */
export const ABLATIONS = ["lambda", "parametrization", "blur"] as const;

/** One of {@link ABLATIONS}. */
export type Ablation = typeof ABLATIONS[number];

/** One of the runs that an ablation compares. */
export interface AblationRun {
  /** Name that tells it from the others. */
  readonly name: string;
  /** Its settings, complete. */
  readonly settings: Settings;
}

/** Multiples of λ. */
const MULTIPLES = [0, 0.5, 1, 2, 4];

/**
 * Lists the runs that an ablation compares. They differ in the ablated setting, and in the optimiser
 * if a parametrization has one of its own. All take the same number of iterations.
 *
 * @param overrides Settings that the caller changes; `variant` counts for `lambda` only.
 * @param timesteps Number of timesteps of the model's noise schedule.
 * @throws {UserError} If a setting is out of its range.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "../catalog/models.ts";
 * import { ablationRuns } from "./ablate.ts";
 *
 * const runs = ablationRuns("lambda", GENERIC_DEFAULTS, { lambda: 0.1 }, 1000);
 * console.assert(runs.map(({ settings }) => settings.lambda).join() === "0,0.05,0.1,0.2,0.4");
 * ```
 */
export function ablationRuns(
  what: Ablation,
  defaults: ModelDefaults,
  overrides: SettingsOverrides,
  timesteps: number,
): AblationRun[] {
  const settingsOf = (variant: Settings["variant"] | undefined) =>
    resolveSettings(defaults, { ...overrides, variant }, timesteps);
  switch (what) {
    case "lambda": {
      const settings = settingsOf(overrides.variant);
      return MULTIPLES.map((multiple) => ({
        name: `λ × ${multiple}`,
        settings: { ...settings, lambda: multiple * settings.lambda },
      }));
    }
    case "parametrization": {
      const runs = [settingsOf("fourier"), settingsOf("raster")];
      const iterations = Math.max(...runs.map((settings) => settings.iterations));
      return runs.map((settings) => ({
        name: settings.variant,
        settings: { ...settings, iterations },
      }));
    }
    case "blur": {
      const blurred = settingsOf("rgb-bilateral");
      return [
        { name: "with blur", settings: blurred },
        { name: "without blur", settings: { ...blurred, variant: "raster" } },
      ];
    }
  }
}

/** α at one point of a run, and its statistics. */
export interface AblationFrame {
  /** Number of iterations done. */
  readonly iteration: number;
  /** α (alphaSize, alphaSize), 0..1. */
  readonly alpha: Float32Array;
  /** Mean of α over the pixels, 0..1. */
  readonly meanAlpha: number;
  /** Fraction of the pixels with α ≥ the threshold, 0..1. */
  readonly coverage: number;
  /** Variance of α over the pixels. It is at most ¼, for a mask that is half 0 and half 1. */
  readonly variance: number;
}

/** The outcome of one run. */
export interface AblationResult extends AblationRun {
  /** The mask. */
  readonly segmentation: Segmentation;
  /** Frames at the start, after every `frameEvery` iterations, and at the end. */
  readonly frames: readonly AblationFrame[];
}

/** Options of {@link ablate}. */
export interface AblateOptions extends RunOptions {
  /** Coverage counts α ≥ this. The default is ½. */
  readonly threshold?: number | undefined;
}

/**
 * Segments an image once per run of an ablation, and records α on the way.
 *
 * @param runs From {@link ablationRuns}.
 * @returns One result per run, in order. If the signal stops a run, it is the last.
 *
 * @example
 * ```ts
 * import { decodeImage, loadModel } from "../../mod.ts";
 * import { ablate, ablationRuns } from "./ablate.ts";
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
  {
    threshold = DEFAULT_THRESHOLD,
    frameEvery = FRAME_EVERY,
    onProgress,
    onWarning,
    signal,
    ...options
  }: AblateOptions = {},
): Promise<AblationResult[]> {
  const total = runs.reduce((sum, { settings }) => sum + settings.iterations, 0);
  const results: AblationResult[] = [];
  let before = 0;
  for (const run of runs) {
    // Finished runs count, even if the signal comes between two runs.
    if (signal?.aborted && results.length > 0) break;
    const frames: AblationFrame[] = [];
    const [segmentation] = await segment(model, image, prompt, {
      ...options,
      ...run.settings,
      signal,
      frameEvery,
      onWarning: (message) => {
        // Every run reads the same prompt before its first frame.
        if (results.length === 0 || frames.length > 0) onWarning?.(message);
      },
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
