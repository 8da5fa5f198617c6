import type { DiffusionModel } from "../diffusion/model.ts";
import {
  ablate as run,
  type AblationFrame,
  ablationRuns,
  type ABLATIONS,
} from "../evaluate/ablate.ts";
import type { Image } from "../image/image.ts";
import type { RunOptions } from "../iterate.ts";
import type { Segmentation } from "../segment.ts";
import type { Settings, SettingsOverrides } from "../settings/settings.ts";

/** Options of {@link ablate}: the settings that its runs share, and how to run. */
export interface AblateOptions extends SettingsOverrides, RunOptions {
  /** Coverage counts the pixels with α ≥ this, 0..1. The default is ½. */
  readonly threshold?: number | undefined;
}

/** One of the runs that {@link ablate} compares. */
export interface AblationResult {
  /** The run's name, e.g. `λ × 2`. */
  readonly name: string;
  /** The settings that it ran with. */
  readonly settings: Settings;
  /** Its mask. */
  readonly segmentation: Segmentation;
  /** α at first, after every `frameEvery` iterations, and at the end. */
  readonly frames: readonly AblationFrame[];
}

/**
 * Segments an image several times, with one thing changed from run to run, and follows α (Burgert et al.
 * 2022, figures 10 to 14).
 *
 * @param model From `loadModel`.
 * @param prompt What to look for, e.g. `"a turtle"`.
 * @param what The thing that changes: λ, the parametrization of α, or the blur.
 * @returns One result per run. A call that is interrupted returns the runs before, and the one that the
 * signal stopped.
 * @throws {UserError} for an empty prompt or a setting out of its range.
 *
 * @example
 * ```ts
 * import { ablate, decodeImage, loadModel } from "../../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const bytes = await Deno.readFile(new URL("../../examples/turtle-on-noise.png", import.meta.url));
 * const image = await decodeImage(bytes, "turtle-on-noise.png");
 * const options = { iterations: 2, alphaSize: 16, frameEvery: 1 };
 * const [, without] = await ablate(model, image, "a turtle", "blur", options);
 * console.assert(without.name === "without blur");
 * console.assert(without.frames.map(({ iteration }) => iteration).join() === "0,1,2");
 * ```
 */
export async function ablate(
  model: DiffusionModel,
  image: Image,
  prompt: string,
  what: typeof ABLATIONS[number],
  options: AblateOptions = {},
): Promise<AblationResult[]> {
  const timesteps = model.noiseSchedule.alphasCumprod.length;
  const runs = ablationRuns(what, model.defaults, options, timesteps);
  return await run(model, image, prompt, runs, options);
}
