import { createParametrization } from "./parametrization/create_parametrization.ts";
import { createRegularizer } from "./parametrization/regularizer.ts";
import { TensorScope } from "./backend/tensor_scope.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { createScoreDistillation } from "./diffusion/score_distillation.ts";
import { createClipLoss } from "./clip/clip_loss.ts";
import { Compositor } from "./image/compositor.ts";
import { createOptimizer } from "./optimize/optimizer.ts";
import type { ClipModel } from "./clip/clip_model.ts";
import type { Embeddings } from "./prompt/embed.ts";
import type { Settings } from "./settings/settings.ts";
import type { Stages } from "./step.ts";

/** Inputs of {@link createStages}. */
export interface StageInputs {
  /** x (3, A, A), 0..1, with A the settings' `alphaSize`. */
  readonly pixels: Float32Array;
  /** Text embeddings of the empty prompt and the P prompts; of CLIP, of the P prompts alone. */
  readonly embeddings: Embeddings;
  /** The CLIP that judges the composites; the diffusion model judges them if it is left out. */
  readonly clip?: ClipModel | undefined;
  readonly settings: Settings;
  /**
   * Initial θ (A, A) of the raster variants, the same for every prompt. The default is N(0, 1) from
   * the seed.
   */
  readonly theta?: Float32Array;
  /** The depth map (A, A), 0..1, that guides the blur of *depth bilateral*. */
  readonly depth?: Float32Array | undefined;
}

/** Creates the stages of one optimisation with all their tensors. Disposing frees the tensors. */
export async function createStages(
  model: DiffusionModel,
  { pixels, embeddings, clip, settings, theta, depth }: StageInputs,
): Promise<Stages & Disposable> {
  const { backend } = model;
  const { alphaSize } = settings;

  using scope = new TensorScope(backend);
  const loss = scope.use(
    clip
      ? await createClipLoss(model, clip, embeddings)
      : await createScoreDistillation(model, embeddings, settings),
  );
  const [prompts, , , modelSize] = loss.imageCotangent.shape;
  const image = scope.tensor([3, alphaSize, alphaSize], pixels);
  const guide = depth ? scope.tensor([1, alphaSize, alphaSize], depth) : image;
  const parametrization = scope.use(
    await createParametrization(backend, settings, { guide, prompts, theta }),
  );
  const stages = {
    parametrization,
    compositor: scope.use(new Compositor(backend, image, { prompts, alphaSize, modelSize })),
    loss,
    regularizer: createRegularizer(backend, settings),
    optimizer: scope.use(createOptimizer(backend, parametrization.parameters, settings)),
  };
  const owned = scope.move();
  return { ...stages, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}
