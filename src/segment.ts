import { batches, FrameJoiner } from "./batches.ts";
import type { ClipModel } from "./clip/clip_model.ts";
import { embedClipTexts } from "./clip/embed_texts.ts";
import { checkDepth, type DepthMap, depthToSquare } from "./depth/depth_map.ts";
import { type DepthModel, estimateDepth } from "./depth/estimate_depth.ts";
import { UserError } from "./errors.ts";
import { iterate, type RunOptions } from "./iterate.ts";
import { initialTheta } from "./parametrization/initial_theta.ts";
import { createStages } from "./stages.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { checkImage, type Image } from "./image/image.ts";
import { blendsIn, onGround } from "./image/ground.ts";
import { type AlphaImage, fromSquare, toSquare, withoutPadding } from "./image/geometry.ts";
import { DEFAULT_THRESHOLD } from "./mask/threshold.ts";
import type { Verdict } from "./mask/verdict.ts";
import { checkRivals, type Label, promptsOf } from "./prompt/labels.ts";
import { embedTexts, labelMeans, meanEmbeddings, selectLabels } from "./prompt/embed.ts";
import { resolveSettings, type Settings, type SettingsOverrides } from "./settings/settings.ts";

/** The masks at some point of the optimisation, as they are optimised. */
export interface SegmentFrame {
  /** Iterations done. */
  readonly iteration: number;
  /** Side of the masks. */
  readonly alphaSize: number;
  /** α of each label (alphaSize, alphaSize), 0..1; `fromSquare` brings it to the image. */
  readonly alphas: readonly Float32Array[];
}

/** Options of {@link segment}: the {@link Settings}, and how to run. */
export interface SegmentOptions extends SettingsOverrides, RunOptions {
  /**
   * Receives the masks at first, after every {@link RunOptions.frameEvery} iterations, and at the end.
   * The optimisation waits for it. Where prompts run one after another, the frames come while the last
   * one runs.
   */
  readonly onFrame?: ((frame: SegmentFrame) => void | Promise<void>) | undefined;
  /**
   * A mask to start from, such as another call's result. It sets {@link Settings.init} to
   * `image`.
   */
  readonly initialMask?: AlphaImage | undefined;
  /**
   * The guide of *depth bilateral*: a depth map of the image's size, or a network that estimates one.
   * The default is the model's own network.
   */
  readonly depth?: DepthMap | DepthModel | undefined;
  /** The CLIP that judges the masks where {@link Settings.loss} is `clip`; by default the model's own. */
  readonly clip?: ClipModel | undefined;
  /** The threshold of a result's verdict, 0..1: the mask is where α reaches it. The default is ½. */
  readonly threshold?: number | undefined;
}

/** One label's mask on one image. */
export interface Segmentation {
  /** The prompt, or the prompts of a mean joined by ` + `. */
  readonly prompt: string;
  /** The prompts whose embeddings were averaged; one, unless the label is a mean. */
  readonly prompts: readonly string[];
  /** α in the image's own geometry: height × width, row-major, 0..1. */
  readonly alpha: Float32Array;
  /** Whether the mask can be trusted. */
  readonly verdict: Verdict;
  /** Columns of the image. */
  readonly width: number;
  /** Rows of the image. */
  readonly height: number;
  /** Iterations done. */
  readonly iterations: number;
  /** Seconds that all iterations took, for all prompts of a batch together. */
  readonly seconds: number;
  /** Whether the signal stopped the optimisation before the last iteration. */
  readonly interrupted: boolean;
  /** The settings that made the mask. */
  readonly settings: Settings;
}

/**
 * Segments an image by text. For each prompt, it optimises an alpha mask until the image, blended over
 * random colours through the mask, looks like the prompt to the frozen diffusion model.
 *
 * All prompts run as one batch, each with a mask of its own. They share the random draws, so that one
 * prompt's mask does not depend on the others, unless they are {@link Settings.exclusive}. Prompts that
 * do not fit at once run one after another, with the same masks.
 *
 * @param model From `loadModel`.
 * @param image An image of any size and shape.
 * @param labels What to look for, e.g. `"a strawberry"`. Prompts in an array of their own make one
 * label, the mean of their embeddings: `[["a dog", "a puppy"], "a cat"]` gives two masks.
 * @returns One result per label, in order. A call that is interrupted while prompts run one after
 * another returns those that have begun.
 * @throws {UserError} for an empty prompt, a setting out of its range, fewer than 2 or more than 255
 * exclusive labels. A mask that went nowhere is no error: its {@link Segmentation.verdict} says so.
 *
 * @example
 * ```ts
 * import { decodeImage, loadModel, segment } from "../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
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
  const { initialMask, signal, onFrame, onWarning, threshold = DEFAULT_THRESHOLD } = options;
  if (initialMask) checkMask(initialMask);
  const settings = resolveSettings(
    model.defaults,
    initialMask ? { ...options, init: "image" } : options,
    model.noiseSchedule.alphasCumprod.length,
  );
  if (settings.exclusive) checkRivals(prompts.length);
  const { backend } = model;
  signal?.throwIfAborted();

  const clip = await clipOf(model, settings.loss, options.clip);
  const counts = prompts.map(({ length }) => length);
  const embeddings = clip
    ? labelMeans(await embedClipTexts(model, clip, prompts.flat(), onWarning), counts)
    : meanEmbeddings(await embedTexts(model, ["", ...prompts.flat()], onWarning), counts);
  const seen = onGround(image, settings.ground);
  if (blendsIn(image, settings.ground)) {
    onWarning?.(
      "The image has the colours of the ground below its clear pixels: set another ground",
    );
  }
  // The network that sees depth is freed again before others are loaded.
  const map = await depthOf(model, seen, settings.variant, options.depth);
  const depth = map && depthToSquare(map, settings.alphaSize, settings.square);
  const pixels = await toSquare(seen, settings.alphaSize, settings.square);
  const theta = initialTheta(settings, initialMask);
  const names = prompts.map((ofLabel) => ofLabel.join(" + "));
  const create = (labels: readonly number[]) =>
    createStages(model, {
      pixels,
      embeddings: selectLabels(embeddings, labels, clip ? 0 : 1),
      clip,
      settings,
      theta,
      depth,
    });
  const onSplit = settings.exclusive
    ? undefined
    : (reason: string) =>
      onWarning?.(`The ${prompts.length} prompts run one after another, not at once. ${reason}`);

  const { iterations, alphaSize, square } = settings;
  const joiner = new FrameJoiner();
  const results: Segmentation[] = [];
  for await (const { labels, stages } of batches(prompts.length, create, onSplit)) {
    using owned = stages;
    const { parametrization } = owned;
    if (results.length > 0 && signal?.aborted) break;
    const turns = prompts.length / labels.length;
    const before = iterations * results.length / labels.length;
    const last = labels.at(-1) === prompts.length - 1;
    const { snapshot: { alphas }, done, seconds, verdicts } = await iterate({
      backend,
      stages,
      settings,
      read: async () => {
        const all = await backend.read(parametrization.alpha);
        return {
          alphas: labels.map((_, p) => all.subarray(p * alphaSize ** 2, (p + 1) * alphaSize ** 2)),
        };
      },
      onFrame: onFrame && (async (iteration, { alphas }) => {
        const joined = joiner.add(iteration, alphas);
        if (last) await onFrame({ iteration, alphaSize, alphas: joined });
      }),
      prompts: labels.map((label) => names[label]),
      threshold,
      judged: (alpha) => withoutPadding(alpha, alphaSize, image, square),
    }, {
      ...options,
      onProgress: ({ iteration }) =>
        options.onProgress?.({ iteration: before + iteration, iterations: turns * iterations }),
    });
    joiner.next();
    for (const [p, label] of labels.entries()) {
      results.push({
        prompt: names[label],
        prompts: prompts[label],
        alpha: fromSquare(alphas[p], alphaSize, image, square),
        verdict: verdicts[p],
        width: image.width,
        height: image.height,
        iterations: done,
        seconds,
        interrupted: done < iterations,
        settings,
      });
    }
  }
  return results;
}

/** The CLIP that a loss needs, if it needs one. */
async function clipOf(
  model: DiffusionModel,
  loss: Settings["loss"],
  given: ClipModel | undefined,
): Promise<ClipModel | undefined> {
  if (loss !== "clip") {
    if (given === undefined) return undefined;
    throw new UserError(
      `Invalid clip for the loss ${loss}: it does not ask CLIP`,
      "leave it out, or choose the loss clip",
    );
  }
  const clip = given ?? await model.clipModel();
  if (clip) return clip;
  throw new UserError(
    `Model "${model.id}" has no CLIP of its own, which the loss clip needs`,
    "give `clip`",
  );
}

/** The depth map that a variant needs, if it needs one. */
async function depthOf(
  model: DiffusionModel,
  image: Image,
  variant: Settings["variant"],
  given: SegmentOptions["depth"],
): Promise<DepthMap | undefined> {
  if (variant !== "depth-bilateral") {
    if (given === undefined) return undefined;
    throw new UserError(
      `Invalid depth for ${variant}: it does not look at depth`,
      "leave it out, or choose depth-bilateral",
    );
  }
  if (given && "depth" in given) {
    checkDepth(given, image);
    return given;
  }
  const network = given ?? await model.depthModel();
  if (network) return await estimateDepth(model.backend, network, image);
  throw new UserError(
    `Model "${model.id}" has no depth network of its own, which depth-bilateral needs`,
    "give `depth`",
  );
}

function checkMask({ width, height, alpha }: AlphaImage) {
  if (alpha.length === width * height && alpha.every((a) => a >= 0 && a <= 1)) return;
  throw new UserError(
    `A mask of ${width}×${height} pixels in ${alpha.length} numbers cannot be started from: ` +
      "wanted one from 0 to 1 per pixel",
    "use decodeAlpha, or another call's result",
  );
}
