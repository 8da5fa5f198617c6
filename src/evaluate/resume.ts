import { answers, type AnswersOptions, type Query, type Segmenter } from "./answers.ts";
import type { RunFile, RunKey } from "./run_file.ts";

/** How to go on. */
export interface ResumeOptions extends AnswersOptions {
  /** Stops: an answer that is not whole yet is dropped. */
  readonly signal?: AbortSignal;
  /** Told of each new answer, once it is kept. */
  readonly onResult?: (prompt: string, iou: number) => void;
}

/**
 * Asks a segmenter what a run has no answer to yet, and keeps each answer as it comes.
 *
 * @param runs Where the answers are kept.
 * @param key The run they belong to.
 * @param queriesFrom The run's queries from a place on.
 * @throws {unknown} What the segmenter throws, unless it was told to stop.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "../catalog/models.ts";
 * import { resolveSettings } from "../settings/settings.ts";
 * import { resume } from "./resume.ts";
 * import { openRunFile } from "./run_file.ts";
 *
 * const image = { width: 1, height: 1, data: new Uint8Array(3) };
 * const queries = [{ image, prompt: "a dog", mask: Uint8Array.of(255) }];
 * const settings = resolveSettings(GENERIC_DEFAULTS, {}, 1000);
 * const model = { model: "all", sha256: "…", device: "cpu", settings };
 * const key = { set: "dogs", split: "val", size: 1, ...model };
 * const runs = await openRunFile();
 * const segmenter = () => Promise.resolve(Float32Array.of(1));
 * await resume(runs, key, (place) => queries.slice(place), segmenter, { clock: () => 0 });
 * console.assert(runs.results(key)[0].iou === 1);
 * ```
 */
export async function resume(
  runs: RunFile,
  key: RunKey,
  queriesFrom: (place: number) => Iterable<Query> | AsyncIterable<Query>,
  segmenter: Segmenter,
  { signal, onResult, ...options }: ResumeOptions,
): Promise<void> {
  if (signal?.aborted) return;
  const queries = queriesFrom(runs.results(key).length);
  try {
    for await (const result of answers(queries, segmenter, options)) {
      if (signal?.aborted) return;
      await runs.add(key, result);
      onResult?.(result.prompt, result.iou);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
