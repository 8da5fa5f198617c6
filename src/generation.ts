import type { DiffusionModel } from "./diffusion/model.ts";
import { createGenerationStages, type GenerationInputs } from "./generation_stages.ts";
import { iterate, type Run, type RunOptions } from "./iterate.ts";
import { DEFAULT_THRESHOLD } from "./mask/threshold.ts";

/** What is optimised, as it is at some point. */
export interface GeneratedPlanes {
  /** α of each mask (size, size), 0..1. */
  readonly alphas: readonly Float32Array<ArrayBuffer>[];
  /** x of each picture (3, size, size), 0..1. */
  readonly pictures: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Optimises masks and pictures together (paper, Algorithm 2), whatever is composed of them. The
 * first pictures are the masks' own; those after them are seen behind every mask.
 *
 * @param prompts What each mask is meant to cover.
 * @param onFrame Given what there is at first, after every `frameEvery` iterations and at the end.
 */
export async function optimizePlanes(
  model: DiffusionModel,
  inputs: GenerationInputs,
  prompts: readonly string[],
  options: RunOptions,
  onFrame: ((iteration: number, planes: GeneratedPlanes) => void | Promise<void>) | undefined,
): Promise<Run<GeneratedPlanes>> {
  const { backend } = model;
  const { settings, masks: maskCount, pictures: pictureCount } = inputs;
  using stages = await createGenerationStages(model, inputs);
  const { parametrization, pictures } = stages;
  const run = await iterate({
    backend,
    stages,
    settings,
    read: async () => ({
      alphas: parts(await backend.read(parametrization.alpha), maskCount),
      pictures: parts(await backend.read(pictures.values), pictureCount),
    }),
    onFrame,
    prompts,
    threshold: DEFAULT_THRESHOLD,
  }, options);
  const finite = run.snapshot.pictures.map((values) => values.every(Number.isFinite));
  const behind = finite.slice(maskCount).every(Boolean);
  const verdicts = run.verdicts.map((verdict, p) => finite[p] && behind ? verdict : "not-finite");
  return { ...run, verdicts };
}

function parts(values: Float32Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer>[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, k) => values.slice(k * size, (k + 1) * size));
}
