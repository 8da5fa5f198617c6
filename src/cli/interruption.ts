import { discardUnfinished } from "../files/write.ts";
import type { OutputFolder } from "../report/output_folder.ts";
import type { Io } from "./io.ts";

/** What Ctrl-C does to a job that writes results. */
export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C: the job ends early, with the results it has. */
  readonly signal: AbortSignal;
  /** A job's results; none if it was stopped before it had any. */
  results<T>(job: Promise<T[]>): Promise<T[]>;
}

/**
 * Lets Ctrl-C stop a job; a second one quits at once, with nothing half-written left. To be disposed
 * of once the results are written.
 */
export function interruption(io: Io, folder: OutputFolder): Interruption {
  const stopping = new AbortController();
  const { signal } = stopping;
  const listening = io.onInterrupt(() => stopping.abort(), () => {
    discardUnfinished();
    folder[Symbol.dispose]();
  });
  return {
    signal,
    results: (job) =>
      job.catch((error) => {
        if (error !== signal.reason) throw error;
        return [];
      }),
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}
