import { checkFourierMemory } from "./parametrization/check_fourier_memory.ts";
import { createPlanes } from "./parametrization/planes.ts";
import { createRegularizer } from "./parametrization/regularizer.ts";
import type { Tensor } from "./backend/backend.ts";
import { TensorScope } from "./backend/tensor_scope.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { createScoreDistillation } from "./diffusion/score_distillation.ts";
import type { GenerateSettings } from "./generate_settings.ts";
import { createOptimizer } from "./optimize/optimizer.ts";
import type { Embeddings } from "./prompt/embed.ts";
import type { Composition, Stages } from "./step.ts";

/** What the stages of pictures that are made with their masks are made from. */
export interface GenerationInputs {
  /** Text embeddings of the empty prompt and of what each composite is to look like. */
  readonly embeddings: Embeddings;
  readonly settings: GenerateSettings;
  /** Number of masks. */
  readonly masks: number;
  /** Number of pictures. */
  readonly pictures: number;
  /** How composites are made of the pictures' x (3 · pictures, size, size). */
  readonly compositor: (pictures: Tensor, modelSize: number) => Composition;
}

/** The stages of one optimisation that makes pictures, and those pictures. */
export interface GenerationStages extends Stages, Disposable {
  readonly pictures: NonNullable<Stages["pictures"]>;
}

/**
 * Makes the stages of the paper's Algorithm 2, with all their tensors: masks and pictures are both
 * optimised, each from numbers of its own. Disposing frees them.
 */
export async function createGenerationStages(
  model: DiffusionModel,
  { embeddings, settings, masks: count, pictures: pictureCount, compositor }: GenerationInputs,
): Promise<GenerationStages> {
  const { backend } = model;
  const { imageParam: variant, size, lambda } = settings;
  // Every composite is penalised for its mask, as L_SDS is summed over the composites.
  const shownIn = (embeddings.shape[0] - 1) / count;
  if (variant === "fourier") {
    // What each of the two sorts of networks alone would have room for, both may not.
    checkFourierMemory(backend, { networks: count + pictureCount, height: size, width: size });
  }
  using scope = new TensorScope(backend);
  const loss = scope.use(await createScoreDistillation(model, embeddings, settings));
  const planes = { ...settings, variant, size };
  const masks = scope.use(
    await createPlanes(backend, { ...planes, count, channels: 1, network: 0 }),
  );
  const pictures = scope.use(
    await createPlanes(backend, { ...planes, count: pictureCount, channels: 3, network: 1 }),
  );
  const parameters = [...masks.parameters, ...pictures.parameters];
  const stages = {
    parametrization: { ...masks, alpha: masks.values },
    pictures,
    compositor: scope.use(compositor(pictures.values, loss.imageCotangent.shape[3])),
    loss,
    regularizer: createRegularizer(backend, { lambda: lambda * shownIn, exclusive: false }),
    optimizer: scope.use(createOptimizer(backend, parameters, settings)),
  };
  const owned = scope.move();
  return { ...stages, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}
