import { paced } from "./backend/paced.ts";
import { normal, STREAMS } from "./backend/random.ts";
import { TensorScope } from "./backend/tensor_scope.ts";
import { Decoder } from "./diffusion/decoder.ts";
import { loadSamplingNetworks } from "./diffusion/load_networks.ts";
import { type DiffusionModel, latentShapeOf } from "./diffusion/model.ts";
import { guidancePairs } from "./diffusion/noise_predictor.ts";
import {
  resolveSampleSettings,
  type SampleOverrides,
  type SampleSettings,
} from "./settings/sample_settings.ts";
import { Sampler } from "./diffusion/sampler.ts";
import { samplingPlan } from "./diffusion/sampling_plan.ts";
import { UserError } from "./errors.ts";
import { fromPlanes, type Image } from "./image/image.ts";
import type { Progress } from "./iterate.ts";
import { embedTexts } from "./prompt/embed.ts";
import { checkPrompts } from "./prompt/labels.ts";

/** Options of {@link sample}: the {@link SampleSettings}, and how to run. */
export interface SampleOptions extends SampleOverrides {
  /**
   * Stops the call early. It then returns the finished images, marked as interrupted. A signal that is
   * aborted before the first image is finished makes the call reject.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called while steps run. It counts the steps of all images of a prompt. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Called for each prompt that is too long for the model, for words that the model does not know, and
   * for a negative prompt of which nothing is left.
   */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Milliseconds since some fixed moment, to bound the work queued on a GPU. */
  readonly clock?: (() => number) | undefined;
}

/** One image of one prompt. */
export interface Sample {
  /** The prompt that the image shows. */
  readonly prompt: string;
  /** Number of the image among the images of its prompt, from 0. */
  readonly index: number;
  /** The image. */
  readonly image: Image;
  /** Seconds that all images took, for all prompts of the call together. */
  readonly seconds: number;
  /** Whether the signal stopped the call before its last image. */
  readonly interrupted: boolean;
  /** The settings that made the image. */
  readonly settings: SampleSettings;
}

/**
 * Makes images of prompts by ordinary text-to-image: noise is denoised step by step under
 * classifier-free guidance (Ho and Salimans 2022), then decoded. That is the quickest way to see
 * whether a model knows something.
 *
 * All prompts run as one batch and start from the same noise. Image `index` of a prompt and a seed is
 * always the same, whatever other prompts and images the call makes.
 *
 * @param model A model from `loadModel` that has a VAE decoder.
 * @param prompts What the images show, e.g. `"a strawberry"`.
 * @returns The images of the first prompt, then those of the next.
 * @throws {UserError} for an empty prompt, a setting out of its range, a model without decoder or
 * with networks of another size, or when an image diverges.
 *
 * @example
 * ```ts
 * import { encodePng, loadModel, sample } from "../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const [{ image }] = await sample(model, "a strawberry", { steps: 5 });
 * const png = await encodePng(image);
 * console.assert(image.width === model.imageSize && png.length > 100);
 * ```
 */
export async function sample(
  model: DiffusionModel,
  prompts: string | readonly string[],
  options: SampleOptions = {},
): Promise<Sample[]> {
  const labels = typeof prompts === "string" ? [prompts] : prompts;
  checkPrompts(labels);
  const { signal, onProgress, onWarning, clock = () => performance.now() } = options;
  const { backend, noiseSchedule } = model;
  const settings = resolveSampleSettings(options, model);
  const { seed, count, size, guidanceScale } = settings;
  const latentShape = latentShapeOf(model, size);
  const { alphasCumprod } = noiseSchedule;
  const plan = samplingPlan(settings.scheduler, alphasCumprod, settings.steps, model.sampler);
  signal?.throwIfAborted();

  const negative = readable(settings.negativePrompt, model, onWarning);
  const embeddings = await embedTexts(model, [negative, ...labels], onWarning);
  const { unet, decoder: session } = await loadSamplingNetworks(model, labels.length, size);
  using scope = new TensorScope(backend);
  const sampler = scope.use(
    new Sampler(backend, {
      ...{ unet, noiseSchedule, guidanceScale },
      latentShape,
      embeddings: scope.use(guidancePairs(backend, embeddings)),
      prompts: labels.length,
    }, plan),
  );
  const decoder = scope.use(new Decoder(backend, session));

  const begun = clock();
  /** The images by round, of which there are `count`, then by prompt. */
  const rounds: Image[][] = [];
  const work = async (i: number) => {
    const step = i % plan.steps.length;
    if (step === 0) sampler.start(initialNoise(latentShape, seed, rounds.length));
    await sampler.step(plan.steps[step]);
    if (step < plan.steps.length - 1) return;
    await decoder.forward(sampler.latents);
    rounds.push(images(await backend.read(decoder.images), decoder.images.shape));
  };
  const steps = count * plan.steps.length;
  const done = await paced(backend, steps, work, {
    clock,
    signal,
    onProgress: (iteration) => onProgress?.({ iteration, iterations: steps }),
  });
  if (rounds.length === 0) signal?.throwIfAborted();
  const seconds = (clock() - begun) / 1000;
  const interrupted = done < steps;
  return labels.flatMap((prompt, p) =>
    rounds.map((images, index) => ({
      prompt,
      index,
      image: images[p],
      seconds,
      interrupted,
      settings,
    }))
  );
}

/** A negative prompt as the text encoder takes it: empty if the tokenizer leaves nothing of it. */
function readable(
  text: string,
  { tokenizer }: DiffusionModel,
  onWarning: SampleOptions["onWarning"],
): string {
  if (!tokenizer.encode(text).blank) return text;
  if (text.trim() !== "") {
    onWarning?.(
      `The negative prompt "${text}" counts as empty: the tokenizer knows none of its characters`,
    );
  }
  return "";
}

/** N(0, 1) by the generator's twin: it runs once per image, so the host may compute it. */
function initialNoise(shape: readonly number[], seed: number, counter: number): Float32Array {
  const result = new Float32Array(shape.reduce((a, b) => a * b));
  normal.twin({ result }, { count: result.length, seed, stream: STREAMS.latents, counter });
  return result;
}

/** The images in a decoder's output (P, 3, H, W). @throws {UserError} An image is not finite. */
function images(planes: Float32Array, [prompts, , height, width]: readonly number[]): Image[] {
  if (!planes.every(Number.isFinite)) {
    throw new UserError(
      "The image diverged: it is not a number",
      "use a smaller guidance, or another number of steps",
    );
  }
  const size = planes.length / prompts;
  return Array.from(
    { length: prompts },
    (_, p) => fromPlanes(planes.subarray(p * size, (p + 1) * size), width, height),
  );
}
