import { seededDraws } from "./diffusion/draws.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { createGenerationStages, type GenerationInputs } from "./generation_stages.ts";
import { iterate, type Run, type RunOptions } from "./iterate.ts";
import { readFinite } from "./read_finite.ts";

/** What is optimised, as it is at some point. */
export interface GeneratedPlanes {
  /** α of each mask (size, size), 0..1. */
  readonly alphas: readonly Float32Array<ArrayBuffer>[];
  /** x of each picture (3, size, size), 0..1. */
  readonly pictures: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Optimises masks and pictures together (paper, Algorithm 2), whatever is composed of them.
 *
 * @param onFrame Given what there is at first, after every `frameEvery` iterations and at the end.
 * @throws {UserError} When they diverge.
 */
export async function optimizePlanes(
  model: DiffusionModel,
  inputs: GenerationInputs,
  options: RunOptions,
  onFrame: ((iteration: number, planes: GeneratedPlanes) => void | Promise<void>) | undefined,
): Promise<GeneratedPlanes & Run> {
  const { backend } = model;
  const { settings, masks: maskCount, pictures: pictureCount } = inputs;
  using stages = await createGenerationStages(model, inputs);
  const { parametrization, pictures } = stages;
  /** As the last forward wrote them. */
  const read = async (done: number): Promise<GeneratedPlanes> => ({
    alphas: parts(await readFinite(backend, parametrization.alpha, "mask", done), maskCount),
    pictures: parts(await readFinite(backend, pictures.values, "picture", done), pictureCount),
  });
  const capture = onFrame && (async (i: number) => await onFrame(i, await read(i)));
  const draws = seededDraws(backend, settings);
  const { iterations } = settings;
  const run = await iterate({ backend, stages, draws, iterations, capture }, options);

  await parametrization.forward();
  await pictures.forward();
  const planes = await read(run.done);
  await onFrame?.(run.done, planes);
  return { ...planes, ...run };
}

function parts(values: Float32Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer>[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, k) => values.slice(k * size, (k + 1) * size));
}
