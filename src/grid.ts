import type { DiffusionModel } from "./diffusion/model.ts";
import type { Layer } from "./generate.ts";
import {
  type GenerateOverrides,
  type GenerateSettings,
  resolveGenerateSettings,
} from "./settings/generate_settings.ts";
import { fromPlanes, type Image } from "./image/image.ts";
import { LayerCompositor } from "./image/layer_compositor.ts";
import { layers } from "./image/layers.ts";
import type { RunOptions } from "./iterate.ts";
import { type LayerInputs, type LayerPlanes, optimizeLayers } from "./optimize_layers.ts";
import type { Verdict } from "./mask/verdict.ts";
import { composeCaptions, DEFAULT_TEMPLATE } from "./prompt/compose_captions.ts";
import { embedTexts } from "./prompt/embed.ts";
import { checkPrompts } from "./prompt/labels.ts";
import { encodeReadable } from "./prompt/tokenize.ts";

/** The prompts of a grid. */
export interface GridPrompts {
  /** Prompts of the rows, e.g. `"a bulldozer"`: images with a mask. */
  readonly foregrounds: readonly string[];
  /** Prompts of the columns, e.g. `"a castle"`: images without a mask. */
  readonly backgrounds: readonly string[];
}

/** The images of a grid at one point of the optimisation. */
export interface GridImages {
  /** One per foreground prompt. */
  readonly foregrounds: readonly Layer[];
  /** One per background prompt. */
  readonly backgrounds: readonly Image[];
  /** Every foreground over every background, row by row. */
  readonly cells: readonly Image[];
}

/** A grid after some iterations. */
export interface GridFrame extends GridImages {
  /** Iterations done. */
  readonly iteration: number;
}

/** Options of {@link grid}: the {@link GenerateSettings}, and how to run. */
export interface GridOptions extends GenerateOverrides, RunOptions {
  /**
   * The caption of a cell, with `{foreground}` and `{background}` in it. The default is the model's
   * own template, or `{foreground} by {background}` if the model has none.
   */
  readonly template?: string | undefined;
  /**
   * Receives the images at first, after every {@link RunOptions.frameEvery} iterations, and at the
   * end. The optimisation waits for it.
   */
  readonly onFrame?: ((frame: GridFrame) => void | Promise<void>) | undefined;
}

/** The result of {@link grid}. */
export interface Grid extends GridImages {
  /** The caption of each cell. */
  readonly captions: readonly string[];
  /** Whether each foreground's mask can be trusted, at a threshold of ½. */
  readonly verdicts: readonly Verdict[];
  /** The template of the captions. */
  readonly template: string;
  /** Iterations done. */
  readonly iterations: number;
  /** Seconds that all iterations took. */
  readonly seconds: number;
  /** Whether the signal stopped the optimisation before the last iteration. */
  readonly interrupted: boolean;
  /** The settings that made the images. */
  readonly settings: GenerateSettings;
}

/**
 * Generates a composite grid (Burgert et al. 2022, appendix E): F foregrounds with a mask each, and B
 * backgrounds. They are optimised together until every foreground over every background looks like
 * the caption composed of their prompts. A foreground must look right on all backgrounds, and a
 * background behind all foregrounds; that separates them. Something that all foregrounds share in one
 * place may end up in the backgrounds.
 *
 * The F·B cells run as one batch. λ counts a mask once per cell.
 *
 * @param model From `loadModel`.
 * @throws {UserError} for a missing or empty prompt, a template without one of its parts, or a
 * setting out of its range.
 *
 * @example
 * ```ts
 * import { grid, loadModel } from "../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const prompts = { foregrounds: ["a cat", "a car"], backgrounds: ["a tree"] };
 * const { captions, cells } = await grid(model, prompts, { iterations: 1, size: 16 });
 * console.assert(captions.join() === "a cat and a tree,a car and a tree" && cells.length === 2);
 * ```
 */
export async function grid(
  model: DiffusionModel,
  prompts: GridPrompts,
  options: GridOptions = {},
): Promise<Grid> {
  const { template = model.defaults.template ?? DEFAULT_TEMPLATE } = options;
  const { signal, onFrame, onWarning } = options;
  const captions = gridCaptions(prompts, template);
  // A caption has its template's words, even if nothing is left of a prompt.
  for (const prompt of [...prompts.foregrounds, ...prompts.backgrounds]) {
    encodeReadable(model.tokenizer, prompt);
  }
  const timesteps = model.noiseSchedule.alphasCumprod.length;
  const settings = resolveGenerateSettings(model.defaults, options, timesteps);
  const { iterations, size } = settings;
  signal?.throwIfAborted();

  const [foregrounds, backgrounds] = [prompts.foregrounds.length, prompts.backgrounds.length];
  const inputs: LayerInputs = {
    embeddings: await embedTexts(model, ["", ...captions], onWarning),
    settings,
    masks: foregrounds,
    images: foregrounds + backgrounds,
    compositor: (images, modelSize) => {
      const sizes = { foregrounds, backgrounds, size, modelSize };
      return new LayerCompositor(model.backend, images, sizes);
    },
  };
  const compositions = ({ alphas, images: planes }: LayerPlanes): GridImages => {
    const images = planes.map((values) => fromPlanes(values, size, size));
    return {
      foregrounds: alphas.map((alpha, f) => ({ image: images[f], alpha })),
      backgrounds: images.slice(foregrounds),
      cells: captions.map((_, cell) => {
        const f = Math.floor(cell / backgrounds), b = foregrounds + cell % backgrounds;
        return compose(alphas[f], planes[f], planes[b], size);
      }),
    };
  };
  const frame = onFrame &&
    (async (iteration: number, planes: LayerPlanes) =>
      await onFrame({ iteration, ...compositions(planes) }));
  const run = await optimizeLayers(model, inputs, prompts.foregrounds, options, frame);
  const { snapshot, done, seconds, verdicts } = run;
  return {
    ...compositions(snapshot),
    verdicts,
    captions,
    template,
    iterations: done,
    seconds,
    interrupted: done < iterations,
    settings,
  };
}

/**
 * Composes the captions of a grid's cells.
 *
 * @throws {UserError} A prompt is missing or empty, or the template lacks one of its parts.
 */
export function gridCaptions(
  { foregrounds, backgrounds }: GridPrompts,
  template: string,
): string[] {
  checkPrompts(foregrounds);
  checkPrompts(backgrounds);
  return composeCaptions(foregrounds, backgrounds, template);
}

/** αF + (1−α)G, by the kernel's twin. */
function compose(
  alpha: Float32Array,
  foreground: Float32Array,
  background: Float32Array,
  size: number,
): Image {
  const images = new Float32Array(2 * foreground.length);
  images.set(foreground);
  images.set(background, foreground.length);
  const result = new Float32Array(foreground.length);
  const uniforms = { foregrounds: 1, backgrounds: 1, pixels: alpha.length };
  layers.twin({ images, alpha, result }, uniforms);
  return fromPlanes(result, size, size);
}
