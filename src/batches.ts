import { BatchError } from "./errors.ts";
import type { Snapshot } from "./iterate.ts";

/** A batch of labels, and its stages. */
export interface Batch<S> {
  /** Numbers of the labels, from 0. */
  readonly labels: readonly number[];
  /** Of these labels; whoever takes the batch disposes of them. */
  readonly stages: S;
}

/**
 * Creates the stages of all labels in one batch, or, where the device or a network cannot take so many
 * at once, of one label after another. Masks share the random draws, so that both give the same masks.
 *
 * @param count Number of labels.
 * @param create Creates the stages of some labels.
 * @param onSplit Called once with the reason if labels run one after another; without it they may not.
 * @throws {BatchError} One label alone does not fit, or the batch must not be split.
 */
export async function* batches<S>(
  count: number,
  create: (labels: readonly number[]) => Promise<S>,
  onSplit: ((reason: string) => void) | undefined,
): AsyncGenerator<Batch<S>> {
  const labels = Array.from({ length: count }, (_, label) => label);
  let stages;
  try {
    stages = await create(labels);
  } catch (error) {
    if (!(error instanceof BatchError) || count === 1 || !onSplit) throw error;
    onSplit(error.message);
  }
  if (stages) return yield { labels, stages };
  for (const label of labels) yield { labels: [label], stages: await create([label]) };
}

/**
 * Joins the frames of batches that run one after another: while the last batch runs, a frame shows its
 * masks, and those that the batches before it had after as many iterations.
 */
export class FrameJoiner {
  /** Of each batch that is done, its masks by iteration. */
  readonly #done: Map<number, Snapshot["alphas"]>[] = [];
  #current = new Map<number, Snapshot["alphas"]>();

  /** Takes a frame of the batch that runs now. Returns the masks of all batches up to it, in order. */
  add(iteration: number, alphas: Snapshot["alphas"]): Float32Array[] {
    this.#current.set(iteration, alphas);
    const before = this.#done.map((frames) => {
      const known = [...frames.keys()].filter((one) => one <= iteration);
      return frames.get(Math.max(...known))!;
    });
    return [...before, alphas].flat();
  }

  /** Ends a batch; the frames that follow are of the next one. */
  next(): void {
    this.#done.push(this.#current);
    this.#current = new Map();
  }
}
