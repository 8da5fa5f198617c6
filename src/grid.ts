import type { DiffusionModel } from "./diffusion/model.ts";
import type { Layer } from "./generate.ts";
import {
  type GenerateOverrides,
  type GenerateSettings,
  resolveGenerateSettings,
} from "./generate_settings.ts";
import { type GeneratedPlanes, optimizePlanes } from "./generation.ts";
import type { GenerationInputs } from "./generation_stages.ts";
import { fromPlanes } from "./image/from_planes.ts";
import type { Image } from "./image/image.ts";
import { LayerCompositor } from "./image/layer_compositor.ts";
import { layers } from "./image/layers.ts";
import type { RunOptions } from "./iterate.ts";
import type { Verdict } from "./mask/verdict.ts";
import { checkPrompts } from "./prompt/check_prompts.ts";
import { composeCaptions, DEFAULT_TEMPLATE } from "./prompt/compose_captions.ts";

/** What a grid is made of. */
export interface GridPrompts {
  /** What its rows show, e.g. `"a bulldozer"`: pictures with a mask. */
  readonly foregrounds: readonly string[];
  /** What its columns show, e.g. `"a castle"`: pictures without. */
  readonly backgrounds: readonly string[];
}

/** The pictures of a grid, at some point of the optimisation. */
export interface GridPictures {
  /** One a foreground's prompt. */
  readonly foregrounds: readonly Layer[];
  /** One a background's prompt. */
  readonly backgrounds: readonly Image[];
  /** Every foreground over every background: all of the first foreground, then all of the next. */
  readonly cells: readonly Image[];
}

/** What there is at some point of the optimisation. */
export interface GridFrame extends GridPictures {
  /** Iterations done. */
  readonly iteration: number;
}

/** What {@link grid} may be told besides the {@link GenerateSettings}. */
export interface GridOptions extends GenerateOverrides, RunOptions {
  /**
   * What a cell's caption is, with `{foreground}` and `{background}` in it; the model's own unless
   * given, or `{foreground} by {background}` if it has none.
   */
  readonly template?: string | undefined;
  /**
   * Given the pictures at first, after every {@link RunOptions.frameEvery} iterations and at the end;
   * the optimisation waits for it.
   */
  readonly onFrame?: ((frame: GridFrame) => void | Promise<void>) | undefined;
}

/** What {@link grid} makes. */
export interface Grid extends GridPictures {
  /** What each cell is to look like. */
  readonly captions: readonly string[];
  /** Whether each foreground's mask can be trusted, at a threshold of ½. */
  readonly verdicts: readonly Verdict[];
  /** What the captions are made from. */
  readonly template: string;
  /** Iterations done. */
  readonly iterations: number;
  /** Time all iterations took. */
  readonly seconds: number;
  /** Whether the signal stopped the optimisation before the last iteration. */
  readonly interrupted: boolean;
  /** The settings the pictures were made with. */
  readonly settings: GenerateSettings;
}

/**
 * Makes a composite grid (Burgert et al. 2022, appendix E): F foregrounds with a mask each and B
 * backgrounds, optimised together until every foreground over every background looks like the
 * caption composed of their prompts. A foreground must then look right on all backgrounds, and a
 * background behind all foregrounds, so that they come apart; but what all foregrounds have in one
 * place may as well be in the backgrounds, and nothing says which.
 *
 * The F·B cells run as one batch. λ counts a mask once a cell.
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
  const timesteps = model.scheduler.alphasCumprod.length;
  const settings = resolveGenerateSettings(model.defaults, options, timesteps);
  const { iterations, size } = settings;
  signal?.throwIfAborted();

  const [foregrounds, backgrounds] = [prompts.foregrounds.length, prompts.backgrounds.length];
  const inputs: GenerationInputs = {
    embeddings: await model.embed(captions, onWarning),
    settings,
    masks: foregrounds,
    pictures: foregrounds + backgrounds,
    compositor: (pictures, modelSize) => {
      const sizes = { foregrounds, backgrounds, size, modelSize };
      return new LayerCompositor(model.backend, pictures, sizes);
    },
  };
  const pictures = ({ alphas, pictures }: GeneratedPlanes): GridPictures => {
    const images = pictures.map((planes) => fromPlanes(planes, size, size));
    return {
      foregrounds: alphas.map((alpha, f) => ({ image: images[f], alpha })),
      backgrounds: images.slice(foregrounds),
      cells: captions.map((_, cell) => {
        const f = Math.floor(cell / backgrounds), b = foregrounds + cell % backgrounds;
        return compose(alphas[f], pictures[f], pictures[b], size);
      }),
    };
  };
  const frame = onFrame &&
    (async (iteration: number, planes: GeneratedPlanes) =>
      await onFrame({ iteration, ...pictures(planes) }));
  const run = await optimizePlanes(model, inputs, prompts.foregrounds, options, frame);
  const { snapshot, done, seconds, verdicts } = run;
  return {
    ...pictures(snapshot),
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
 * What the cells of a grid are to look like.
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
  const pictures = new Float32Array(2 * foreground.length);
  pictures.set(foreground);
  pictures.set(background, foreground.length);
  const result = new Float32Array(foreground.length);
  const uniforms = { foregrounds: 1, backgrounds: 1, pixels: alpha.length };
  layers.twin({ pictures, alpha, result }, uniforms);
  return fromPlanes(result, size, size);
}
