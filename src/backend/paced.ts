import type { Backend } from "./backend.ts";

/** Queue no more than this much work before waiting for it, in milliseconds. */
const QUEUE_MS = 500;

/** How {@link paced} runs. */
export interface PaceOptions {
  /** Milliseconds since some fixed moment. */
  readonly clock: () => number;
  /** Stops before the next piece. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many pieces are done, about twice a second or after each one that takes longer. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Queues pieces of work on a backend, one after the other, and waits for the device so often that
 * no more than about half a second of work is queued: a wait leaves a GPU idle for a moment, and a
 * long queue makes a machine stutter and an interruption late.
 *
 * @param count Number of pieces.
 * @param work Queues piece `i`, from 0.
 * @returns How many pieces were done: fewer than `count` only if the signal stopped it.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "./cpu.ts";
 * import { paced } from "./paced.ts";
 *
 * await using backend = await createCpuBackend();
 * const seen: number[] = [];
 * const work = (i: number) => Promise.resolve(void seen.push(i));
 * const done = await paced(backend, 3, work, { clock: () => performance.now() });
 * console.assert(done === 3 && seen.join() === "0,1,2");
 * ```
 */
export async function paced(
  backend: Pick<Backend, "idle">,
  count: number,
  work: (i: number) => Promise<void>,
  { clock, signal, onProgress }: PaceOptions,
): Promise<number> {
  let done = 0;
  let queue = 1;
  while (done < count && !signal?.aborted) {
    const started = clock();
    const from = done;
    const until = Math.min(count, from + queue);
    while (done < until) await work(done++);
    await backend.idle();
    const each = (clock() - started) / (done - from);
    queue = Math.max(1, Math.floor(QUEUE_MS / Math.max(1, each)));
    onProgress?.(done);
  }
  return done;
}
