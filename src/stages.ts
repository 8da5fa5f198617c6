import { BilateralRaster } from "./alpha/bilateral_raster.ts";
import type { Parametrization } from "./alpha/parametrization.ts";
import { Raster } from "./alpha/raster.ts";
import { createRegularizer } from "./alpha/regularizer.ts";
import type { Backend, Tensor } from "./backend/backend.ts";
import { normal, STREAMS } from "./backend/random.ts";
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
  /** Initial θ (A, A), the same for every prompt; N(0, 1) from the seed unless given. */
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
    createParametrization(
      backend,
      settings.variant,
      image,
      repeat(theta ?? initialTheta(alphaSize, settings.seed), prompts),
    ),
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
    regularizer: createRegularizer(backend, settings.lambda),
    optimizer: scope.use(createOptimizer(backend, parametrization.parameters, settings)),
  };
  const owned = scope.move();
  return { ...stages, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

function createParametrization(
  backend: Backend,
  variant: Settings["variant"],
  image: Tensor,
  thetas: Float32Array,
): Parametrization {
  const [, height, width] = image.shape;
  const theta = backend.tensor([thetas.length / (height * width), height, width], thetas);
  switch (variant) {
    case "raster":
      return new Raster(backend, theta);
    case "rgb-bilateral":
      return new BilateralRaster(backend, theta, image);
  }
}

/** θ ~ N(0, 1), by the generator's twin: once an optimisation, so it may run on the host. */
function initialTheta(alphaSize: number, seed: number): Float32Array {
  const result = new Float32Array(alphaSize ** 2);
  normal.twin({ result }, { count: result.length, seed, stream: STREAMS.init, counter: 0 });
  return result;
}

function repeat(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(values.length * times);
  for (let k = 0; k < times; k++) result.set(values, k * values.length);
  return result;
}
