import { createParametrization } from "./alpha/create_parametrization.ts";
import { createRegularizer } from "./alpha/regularizer.ts";
import { TensorScope } from "./backend/tensor_scope.ts";
import { Denoiser } from "./diffusion/denoiser.ts";
import { Encoder } from "./diffusion/encoder.ts";
import { guidancePairs } from "./diffusion/guidance_pairs.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { Compositor } from "./image/compositor.ts";
import { createOptimizer } from "./optimize/optimizer.ts";
import type { Embeddings } from "./prompt/embed.ts";
import type { Settings } from "./settings.ts";
import type { Stages } from "./step.ts";

/** What the stages of one optimisation are made from. */
export interface StageInputs {
  /** x (3, A, A), 0..1, with A the settings' `alphaSize`. */
  readonly picture: Float32Array;
  /** Text embeddings of the empty prompt and the P prompts. */
  readonly embeddings: Embeddings;
  readonly settings: Settings;
  /**
   * Initial θ (A, A) of the raster variants, the same for every prompt; N(0, 1) from the seed unless
   * given.
   */
  readonly theta?: Float32Array;
}

/** Makes the stages of one optimisation, with all their tensors. Disposing frees them. */
export async function createStages(
  model: DiffusionModel,
  { picture, embeddings, settings, theta }: StageInputs,
): Promise<Stages & Disposable> {
  const { backend, scheduler, pictureSize, latentShape } = model;
  const { alphaSize, posterior, guidanceScale } = settings;
  const prompts = embeddings.shape[0] - 1;
  const networks = await model.networks(prompts, posterior);

  using scope = new TensorScope(backend);
  const image = scope.tensor([3, alphaSize, alphaSize], picture);
  const parametrization = scope.use(
    await createParametrization(backend, settings, { image, prompts, theta }),
  );
  const stages = {
    parametrization,
    compositor: scope.use(
      new Compositor(backend, image, { prompts, alphaSize, modelSize: pictureSize }),
    ),
    encoder: scope.use(new Encoder(backend, networks.encoder)),
    denoiser: scope.use(
      new Denoiser(backend, {
        unet: networks.unet,
        scheduler,
        latentShape,
        embeddings: scope.use(guidancePairs(backend, embeddings)),
        prompts,
        guidanceScale,
      }),
    ),
    regularizer: createRegularizer(backend, settings),
    optimizer: scope.use(createOptimizer(backend, parametrization.parameters, settings)),
  };
  const owned = scope.move();
  return { ...stages, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}
