import type { Query } from "../datasets/queries.ts";
import { answers, type EvaluateOptions, type Segmenter } from "./evaluate.ts";
import type { RunFile, RunKey } from "./run_file.ts";

/** Options of {@link resume}. */
export interface ResumeOptions extends EvaluateOptions {
  /** Stops the evaluation. The answer that it interrupts does not count. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each new answer, once it is kept. */
  readonly onResult?: ((prompt: string, iou: number) => void) | undefined;
}

/**
 * Asks a segmenter the queries that a run has no answer to yet, and keeps each answer at once.
 *
 * @param runs The file that keeps the answers.
 * @param key The run that the answers belong to.
 * @param queriesFrom Gives the run's queries from a place on.
 * @throws {unknown} The segmenter's errors, unless the signal stopped it.
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
