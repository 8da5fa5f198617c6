import type { Tensor } from "./backend/backend.ts";
import { TensorScope } from "./backend/tensor_scope.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { createScoreDistillation } from "./diffusion/score_distillation.ts";
import type { GenerateSettings } from "./settings/generate_settings.ts";
import { iterate, type Run, type RunOptions } from "./iterate.ts";
import { DEFAULT_THRESHOLD } from "./mask/threshold.ts";
import { createOptimizer } from "./optimize/optimizer.ts";
import { checkFourierMemory } from "./parametrization/fourier_network.ts";
import { createPlanes } from "./parametrization/planes.ts";
import { createRegularizer } from "./parametrization/regularizer.ts";
import type { Embeddings } from "./prompt/embed.ts";
import type { Composition, Stages } from "./step.ts";

/** Inputs of {@link createLayerStages}. */
export interface LayerInputs {
  /** Text embeddings of the empty prompt and of each composite's caption. */
  readonly embeddings: Embeddings;
  readonly settings: GenerateSettings;
  /** Number of masks. */
  readonly masks: number;
  /** Number of images. */
  readonly images: number;
  /** Creates the stage that composes the images x (3 · images, size, size). */
  readonly compositor: (images: Tensor, modelSize: number) => Composition;
}

/** The stages of one optimisation whose images are parametrized too. */
export interface LayerStages extends Stages, Disposable {
  readonly images: NonNullable<Stages["images"]>;
}

/**
 * Creates the stages of the paper's Algorithm 2 with all their tensors: masks and images are both
 * optimised, each from random numbers of its own. Disposing of the stages frees the tensors.
 */
export async function createLayerStages(
  model: DiffusionModel,
  { embeddings, settings, masks: count, images: imageCount, compositor }: LayerInputs,
): Promise<LayerStages> {
  const { backend } = model;
  const { imageParam: variant, size, lambda } = settings;
  // L_SDS is summed over the composites, so each composite is penalised for its mask.
  const shownIn = (embeddings.shape[0] - 1) / count;
  if (variant === "fourier") {
    // Masks alone or images alone may fit where both together do not.
    checkFourierMemory(backend, { networks: count + imageCount, height: size, width: size });
  }
  using scope = new TensorScope(backend);
  const loss = scope.use(await createScoreDistillation(model, embeddings, settings));
  const planes = { ...settings, variant, size };
  const masks = scope.use(
    await createPlanes(backend, { ...planes, count, channels: 1, network: 0 }),
  );
  const images = scope.use(
    await createPlanes(backend, { ...planes, count: imageCount, channels: 3, network: 1 }),
  );
  const parameters = [...masks.parameters, ...images.parameters];
  const stages = {
    parametrization: { ...masks, alpha: masks.values },
    images,
    compositor: scope.use(compositor(images.values, loss.imageCotangent.shape[3])),
    loss,
    regularizer: createRegularizer(backend, { lambda: lambda * shownIn, exclusive: false }),
    optimizer: scope.use(createOptimizer(backend, parameters, settings)),
  };
  const owned = scope.move();
  return { ...stages, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** Masks and images at one point of the optimisation. */
export interface LayerPlanes {
  /** α of each mask (size, size), 0..1. */
  readonly alphas: readonly Float32Array<ArrayBuffer>[];
  /** x of each image (3, size, size), 0..1. */
  readonly images: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Optimises masks and images together (paper, Algorithm 2). The first images belong to the masks, in
 * order; the images after them lie behind every mask.
 *
 * @param prompts The prompt of each mask, for the warning.
 * @param onFrame Receives masks and images at first, after every `frameEvery` iterations, and at the end.
 */
export async function optimizeLayers(
  model: DiffusionModel,
  inputs: LayerInputs,
  prompts: readonly string[],
  options: RunOptions,
  onFrame: ((iteration: number, planes: LayerPlanes) => void | Promise<void>) | undefined,
): Promise<Run<LayerPlanes>> {
  const { backend } = model;
  const { settings, masks: maskCount, images: imageCount } = inputs;
  using stages = await createLayerStages(model, inputs);
  const { parametrization, images } = stages;
  const run = await iterate({
    backend,
    stages,
    settings,
    read: async () => ({
      alphas: parts(await backend.read(parametrization.alpha), maskCount),
      images: parts(await backend.read(images.values), imageCount),
    }),
    onFrame,
    prompts,
    threshold: DEFAULT_THRESHOLD,
  }, options);
  const finite = run.snapshot.images.map((values) => values.every(Number.isFinite));
  const behind = finite.slice(maskCount).every(Boolean);
  const verdicts = run.verdicts.map((verdict, p) => finite[p] && behind ? verdict : "not-finite");
  return { ...run, verdicts };
}

function parts(values: Float32Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer>[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, k) => values.slice(k * size, (k + 1) * size));
}
