import type { Backend } from "./backend.ts";

/** The most work that is queued before a wait, in milliseconds. */
const QUEUE_MS = 500;

/** Options of {@link paced}. */
export interface PaceOptions {
  /** Milliseconds since some fixed moment. */
  readonly clock: () => number;
  /** Stops before the next piece. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of finished pieces about twice a second, or after each longer piece. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * Queues pieces of work on a backend, one after the other, and waits for the device about twice a
 * second. More waits would leave a GPU idle; with fewer, a long queue would make the machine stutter
 * and an interruption late.
 *
 * @param count Number of pieces.
 * @param work Queues piece `i`, from 0.
 * @returns The number of finished pieces: less than `count` only if the signal stopped it.
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
