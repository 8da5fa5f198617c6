import type { DiffusionModel } from "./diffusion/model.ts";
import {
  type GenerateOverrides,
  type GenerateSettings,
  resolveGenerateSettings,
} from "./settings/generate_settings.ts";
import { Compositor } from "./image/compositor.ts";
import { fromPlanes, type Image } from "./image/image.ts";
import type { RunOptions } from "./iterate.ts";
import { type LayerInputs, type LayerPlanes, optimizeLayers } from "./optimize_layers.ts";
import type { Verdict } from "./mask/verdict.ts";
import { embedTexts } from "./prompt/embed.ts";
import { checkPrompts } from "./prompt/labels.ts";

/** An image with a mask of its own. */
export interface Layer {
  /** Colours, not multiplied by α. Where α is 0, the colours are arbitrary. */
  readonly image: Image;
  /** α (height, width) of `image`, 0..1. */
  readonly alpha: Float32Array;
}

/** The images at one point of the optimisation. */
export interface GenerateFrame {
  /** Iterations done. */
  readonly iteration: number;
  /** One per prompt. */
  readonly layers: readonly Layer[];
}

/** Options of {@link generate}: the {@link GenerateSettings}, and how to run. */
export interface GenerateOptions extends GenerateOverrides, RunOptions {
  /**
   * Receives the images at first, after every {@link RunOptions.frameEvery} iterations, and at the
   * end. The optimisation waits for it.
   */
  readonly onFrame?: ((frame: GenerateFrame) => void | Promise<void>) | undefined;
}

/** One prompt's image. */
export interface Generation extends Layer {
  /** The prompt that the image shows. */
  readonly prompt: string;
  /** Whether the mask can be trusted, at a threshold of ½. */
  readonly verdict: Verdict;
  /** Iterations done. */
  readonly iterations: number;
  /** Seconds that all iterations took, for all prompts of the call together: they run as one batch. */
  readonly seconds: number;
  /** Whether the signal stopped the optimisation before the last iteration. */
  readonly interrupted: boolean;
  /** The settings that made the image. */
  readonly settings: GenerateSettings;
}

/**
 * Generates images with transparency (Burgert et al. 2022, section 5, Algorithm 2). For each prompt,
 * it optimises an image together with its alpha mask until the image, blended over random colours
 * through the mask, looks like the prompt to the frozen diffusion model.
 *
 * All prompts run as one batch. They share the random draws and the starting point, so that one
 * prompt's image does not depend on the others.
 *
 * @param model From `loadModel`.
 * @param prompts What the images show, e.g. `"a strawberry"`.
 * @returns One image per prompt, in order.
 * @throws {UserError} for an empty prompt or a setting out of its range.
 *
 * @example
 * ```ts
 * import { encodePng, generate, loadModel, rgba } from "../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const [{ image, alpha }] = await generate(model, "a strawberry", { iterations: 2 });
 * const png = await encodePng(rgba(image, alpha));
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
  const timesteps = model.noiseSchedule.alphasCumprod.length;
  const settings = resolveGenerateSettings(model.defaults, options, timesteps);
  const { iterations, size } = settings;
  signal?.throwIfAborted();

  const count = labels.length;
  const inputs: LayerInputs = {
    embeddings: await embedTexts(model, ["", ...labels], onWarning),
    settings,
    masks: count,
    images: count,
    compositor: (images, modelSize) => {
      const sizes = { prompts: count, alphaSize: size, modelSize, ownImages: true };
      return new Compositor(model.backend, images, sizes);
    },
  };
  const layers = ({ alphas, images }: LayerPlanes): Layer[] =>
    labels.map((_, p) => ({ image: fromPlanes(images[p], size, size), alpha: alphas[p] }));
  const frame = onFrame &&
    (async (iteration: number, planes: LayerPlanes) =>
      await onFrame({ iteration, layers: layers(planes) }));
  const run = await optimizeLayers(model, inputs, labels, options, frame);
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
