import { paced } from "./backend/paced.ts";
import { UserError } from "./errors.ts";
import { initialTheta } from "./alpha/initial_theta.ts";
import { createStages } from "./stages.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { seededDraws } from "./diffusion/draws.ts";
import type { Image } from "./image/image.ts";
import { type AlphaPicture, fromSquare, toSquare } from "./image/geometry.ts";
import { checkRivals, type Label, promptsOf } from "./prompt/labels.ts";
import { meanEmbeddings } from "./prompt/mean_embeddings.ts";
import { resolveSettings, type Settings, type SettingsOverrides } from "./settings.ts";
import { step } from "./step.ts";

/** Told after iterations, about twice a second or after each one that takes longer. */
export interface Progress {
  /** Iterations done. */
  readonly iteration: number;
  /** Iterations wanted. */
  readonly iterations: number;
}

/** What {@link segment} may be told besides the {@link Settings}. */
export interface SegmentOptions extends SettingsOverrides {
  /**
   * Stops the optimisation early: the masks so far are returned, with
   * {@link Segmentation.interrupted}. Aborted before the first iteration, it rejects.
   */
  readonly signal?: AbortSignal;
  /** Called as iterations are done. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called once for each prompt the model cannot read whole. */
  readonly onWarning?: (message: string) => void;
  /**
   * A mask to start from, as another call's result is one; it sets {@link Settings.init} to
   * `picture`.
   */
  readonly initialMask?: AlphaPicture | undefined;
  /** Milliseconds since some fixed moment, to bound the work queued on a GPU. */
  readonly clock?: () => number;
}

/** One label's mask on one picture. */
export interface Segmentation {
  /** What was looked for: the prompt, or those of a mean joined by ` + `. */
  readonly prompt: string;
  /** The prompts whose embeddings were averaged; one, unless the label is a mean. */
  readonly prompts: readonly string[];
  /** α in the picture's own geometry: height × width, row-major, 0..1. */
  readonly alpha: Float32Array;
  /** Columns of the picture. */
  readonly width: number;
  /** Rows of the picture. */
  readonly height: number;
  /** Iterations done. */
  readonly iterations: number;
  /** Time all iterations took, the call's prompts together: they run as one batch. */
  readonly seconds: number;
  /** Whether the signal stopped the optimisation before the last iteration. */
  readonly interrupted: boolean;
  /** The settings the mask was made with. */
  readonly settings: Settings;
}

/**
 * Segments a picture by text: for each prompt, optimises an alpha mask until the picture, blended
 * over random colours through the mask, looks like the prompt to the frozen diffusion model.
 *
 * All prompts run as one batch, each with a mask of its own; they share the random draws, so that a
 * prompt's mask does not depend on the others, unless they are {@link Settings.exclusive}.
 *
 * @param model From `loadModel`.
 * @param image The picture, of any size and shape.
 * @param labels What to look for, e.g. `"a strawberry"`. Prompts in an array of their own make one
 * label, the mean of their embeddings: `[["a dog", "a puppy"], "a cat"]` gives two masks.
 * @returns One result a label, in order.
 * @throws {UserError} for an empty prompt, a setting out of its range, fewer than 2 or more than 255
 * exclusive labels, or when the mask diverges.
 *
 * @example
 * ```ts
 * import { decodeImage, loadModel, segment } from "../mod.ts";
 *
 * await using model = await loadModel("emoji-64", { device: "cpu" });
 * const bytes = await Deno.readFile(new URL("../examples/strawberry-on-stripes.png", import.meta.url));
 * const image = await decodeImage(bytes, "strawberry-on-stripes.png");
 * const [result] = await segment(model, image, ["a strawberry"], { iterations: 2 });
 * console.assert(result.alpha.length === image.width * image.height);
 * ```
 */
export async function segment(
  model: DiffusionModel,
  image: Image,
  labels: string | readonly Label[],
  options: SegmentOptions = {},
): Promise<Segmentation[]> {
  const prompts = promptsOf(labels);
  checkImage(image);
  const { initialMask, signal, onProgress, onWarning, clock = () => performance.now() } = options;
  if (initialMask) checkMask(initialMask);
  const settings = resolveSettings(
    model.defaults,
    initialMask ? { ...options, init: "picture" } : options,
    model.scheduler.alphasCumprod.length,
  );
  if (settings.exclusive) checkRivals(prompts.length);
  const { backend } = model;
  signal?.throwIfAborted();

  const embeddings = meanEmbeddings(
    await model.embed(prompts.flat(), onWarning),
    prompts.map(({ length }) => length),
  );
  using stack = new DisposableStack();
  const picture = await toSquare(image, settings.alphaSize, settings.square);
  const theta = initialTheta(settings, initialMask);
  const stages = await createStages(model, { picture, embeddings, settings, theta });
  stack.use(stages);
  const draws = seededDraws(backend, settings);

  const { iterations } = settings;
  const begun = clock();
  const done = await paced(backend, iterations, (i) => step(stages, draws, i), {
    clock,
    signal,
    onProgress: (iteration) => onProgress?.({ iteration, iterations }),
  });
  if (done === 0) signal?.throwIfAborted();
  const seconds = (clock() - begun) / 1000;

  await stages.parametrization.forward();
  const alphas = await backend.read(stages.parametrization.alpha);
  if (alphas.some(Number.isNaN)) {
    throw new UserError(
      `The optimisation diverged within ${done} iterations: the mask is not a number`,
      "use a smaller learning rate, guidance or λ",
    );
  }
  const pixels = settings.alphaSize ** 2;
  return prompts.map((ofLabel, p) => ({
    prompt: ofLabel.join(" + "),
    prompts: ofLabel,
    alpha: fromSquare(
      alphas.subarray(p * pixels, (p + 1) * pixels),
      settings.alphaSize,
      image,
      settings.square,
    ),
    width: image.width,
    height: image.height,
    iterations: done,
    seconds,
    interrupted: done < iterations,
    settings,
  }));
}

function checkMask({ width, height, alpha }: AlphaPicture) {
  if (alpha.length === width * height && alpha.every((a) => a >= 0 && a <= 1)) return;
  throw new UserError(
    `A mask of ${width}×${height} pixels in ${alpha.length} numbers cannot be started from: ` +
      "wanted one from 0 to 1 a pixel",
    "use decodeAlpha, or another call's result",
  );
}

function checkImage({ width, height, data }: Image) {
  const whole = (size: number) => Number.isInteger(size) && size >= 1;
  if (whole(width) && whole(height) && data.length === 3 * width * height) return;
  throw new UserError(
    `A picture of ${width}×${height} pixels in ${data.length} bytes is none: wanted 3 bytes a pixel`,
    "use decodeImage, or interleave red, green and blue",
  );
}
