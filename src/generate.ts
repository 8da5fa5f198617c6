import type { DiffusionModel } from "./diffusion/model.ts";
import {
  type GenerateOverrides,
  type GenerateSettings,
  resolveGenerateSettings,
} from "./generate_settings.ts";
import { type GeneratedPlanes, optimizePlanes } from "./generation.ts";
import type { GenerationInputs } from "./generation_stages.ts";
import { Compositor } from "./image/compositor.ts";
import { fromPlanes } from "./image/from_planes.ts";
import type { Image } from "./image/image.ts";
import type { RunOptions } from "./iterate.ts";
import type { Verdict } from "./mask/verdict.ts";
import { checkPrompts } from "./prompt/check_prompts.ts";

/** A picture with a mask of its own. */
export interface Layer {
  /** Colours, not multiplied by α; where α is 0, nothing says what they are. */
  readonly image: Image;
  /** α (height, width) of `image`, 0..1. */
  readonly alpha: Float32Array;
}

/** What there is at some point of the optimisation. */
export interface GenerateFrame {
  /** Iterations done. */
  readonly iteration: number;
  /** One a prompt. */
  readonly layers: readonly Layer[];
}

/** What {@link generate} may be told besides the {@link GenerateSettings}. */
export interface GenerateOptions extends GenerateOverrides, RunOptions {
  /**
   * Given the pictures at first, after every {@link RunOptions.frameEvery} iterations and at the end;
   * the optimisation waits for it.
   */
  readonly onFrame?: ((frame: GenerateFrame) => void | Promise<void>) | undefined;
}

/** One prompt's picture. */
export interface Generation extends Layer {
  /** What the picture shows. */
  readonly prompt: string;
  /** Whether the mask can be trusted, at a threshold of ½. */
  readonly verdict: Verdict;
  /** Iterations done. */
  readonly iterations: number;
  /** Time all iterations took, the call's prompts together: they run as one batch. */
  readonly seconds: number;
  /** Whether the signal stopped the optimisation before the last iteration. */
  readonly interrupted: boolean;
  /** The settings the picture was made with. */
  readonly settings: GenerateSettings;
}

/**
 * Makes pictures with transparency (Burgert et al. 2022, section 5, Algorithm 2): for each prompt,
 * optimises a picture together with its alpha mask until the picture, blended over random colours
 * through the mask, looks like the prompt to the frozen diffusion model.
 *
 * All prompts run as one batch and share the random draws and what they start from: a prompt's
 * picture does not depend on the others.
 *
 * @param model From `loadModel`.
 * @param prompts What to show, e.g. `"a strawberry"`.
 * @returns One picture a prompt, in order.
 * @throws {UserError} for an empty prompt or a setting out of its range.
 *
 * @example
 * ```ts
 * import { encodePng, generate, loadModel, rgba } from "../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const [{ image, alpha }] = await generate(model, "a strawberry", { iterations: 2 });
 * const png = await encodePng(rgba(image, alpha), image.width, image.height, 4);
 * console.assert(alpha.length === image.width * image.height && png.length > 100);
 * ```
 */
export async function generate(
  model: DiffusionModel,
  prompts: string | readonly string[],
  options: GenerateOptions = {},
): Promise<Generation[]> {
  const labels = typeof prompts === "string" ? [prompts] : prompts;
  checkPrompts(labels);
  const { signal, onFrame, onWarning } = options;
  const timesteps = model.scheduler.alphasCumprod.length;
  const settings = resolveGenerateSettings(model.defaults, options, timesteps);
  const { iterations, size } = settings;
  signal?.throwIfAborted();

  const count = labels.length;
  const inputs: GenerationInputs = {
    embeddings: await model.embed(labels, onWarning),
    settings,
    masks: count,
    pictures: count,
    compositor: (pictures, modelSize) => {
      const sizes = { prompts: count, alphaSize: size, modelSize, ownImages: true };
      return new Compositor(model.backend, pictures, sizes);
    },
  };
  const layers = ({ alphas, pictures }: GeneratedPlanes): Layer[] =>
    labels.map((_, p) => ({ image: fromPlanes(pictures[p], size, size), alpha: alphas[p] }));
  const frame = onFrame &&
    (async (iteration: number, planes: GeneratedPlanes) =>
      await onFrame({ iteration, layers: layers(planes) }));
  const run = await optimizePlanes(model, inputs, labels, options, frame);
  const { snapshot, done, seconds, verdicts } = run;
  return layers(snapshot).map((layer, p) => ({
    ...layer,
    verdict: verdicts[p],
    prompt: labels[p],
    iterations: done,
    seconds,
    interrupted: done < iterations,
    settings,
  }));
}
