import type { Query } from "../datasets/queries.ts";
import type { Image } from "../image/image.ts";
import { thresholdMask } from "../mask/threshold.ts";
import { type Evaluation, iou, type QueryResult, summarize } from "./metrics.ts";
import type { RunFile, RunKey } from "./run_file.ts";

/** Finds in an image what a prompt names, and returns α, (height, width) in 0..1. */
export type Segmenter = (image: Image, prompt: string) => Promise<Float32Array>;

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Masks are α ≥ this. The default is ½. */
  readonly threshold?: number | undefined;
  /** Milliseconds since some fixed moment. */
  readonly clock: () => number;
}

/**
 * Asks a segmenter one query after the other, and yields the score of each answer at once.
 *
 * @throws {RangeError} If an answer does not have the image's size.
 */
export async function* answers(
  queries: Iterable<Query> | AsyncIterable<Query>,
  segmenter: Segmenter,
  { threshold = 0.5, clock }: EvaluateOptions,
): AsyncGenerator<QueryResult> {
  for await (const { image, prompt, kind, mask } of queries) {
    const started = clock();
    const alpha = await segmenter(image, prompt);
    const seconds = (clock() - started) / 1000;
    yield {
      prompt,
      kind,
      iou: iou(thresholdMask(alpha, threshold), mask),
      wholeImageIou: iou(new Uint8Array(mask.length).fill(1), mask),
      seconds,
    };
  }
}

/**
 * Asks a segmenter all queries, at least one, and sums up its answers.
 *
 * @throws {RangeError} If there is no query, or an answer does not have the image's size.
 */
export async function evaluate(
  queries: Iterable<Query> | AsyncIterable<Query>,
  segmenter: Segmenter,
  options: EvaluateOptions,
): Promise<Evaluation> {
  return summarize(await Array.fromAsync(answers(queries, segmenter, options)));
}

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
