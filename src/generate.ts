import { seededDraws } from "./diffusion/draws.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import {
  type GenerateOverrides,
  type GenerateSettings,
  resolveGenerateSettings,
} from "./generate_settings.ts";
import { createGenerationStages } from "./generation_stages.ts";
import { Compositor } from "./image/compositor.ts";
import { fromPlanes } from "./image/from_planes.ts";
import type { Image } from "./image/image.ts";
import { iterate, type RunOptions } from "./iterate.ts";
import { checkPrompts } from "./prompt/check_prompts.ts";
import { readFinite } from "./read_finite.ts";

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
 * @throws {UserError} for an empty prompt, a setting out of its range, or when a picture diverges.
 *
 * @example
 * ```ts
 * import { encodePng, generate, loadModel, rgba } from "../mod.ts";
 *
 * await using model = await loadModel("emoji-64", { device: "cpu" });
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
  const { backend } = model;
  signal?.throwIfAborted();

  const count = labels.length;
  using stages = await createGenerationStages(model, {
    embeddings: await model.embed(labels, onWarning),
    settings,
    masks: count,
    pictures: count,
    compositor: (pictures, modelSize) => {
      const sizes = { prompts: count, alphaSize: size, modelSize, ownImages: true };
      return new Compositor(backend, pictures, sizes);
    },
  });
  const { parametrization, pictures } = stages;
  const draws = seededDraws(backend, settings);
  /** The pictures, as the last forward wrote them. */
  const read = async (done: number): Promise<Layer[]> => {
    const alphas = await readFinite(backend, parametrization.alpha, "mask", done);
    const colours = await readFinite(backend, pictures.values, "picture", done);
    const pixels = size ** 2;
    return labels.map((_, p) => ({
      image: fromPlanes(colours.subarray(3 * p * pixels, 3 * (p + 1) * pixels), size, size),
      alpha: alphas.slice(p * pixels, (p + 1) * pixels),
    }));
  };
  const capture = onFrame &&
    (async (iteration: number) => await onFrame({ iteration, layers: await read(iteration) }));
  const { done, seconds } = await iterate(
    { backend, stages, draws, iterations, capture },
    options,
  );

  await parametrization.forward();
  await pictures.forward();
  const layers = await read(done);
  await onFrame?.({ iteration: done, layers });
  return layers.map((layer, p) => ({
    ...layer,
    prompt: labels[p],
    iterations: done,
    seconds,
    interrupted: done < iterations,
    settings,
  }));
}
