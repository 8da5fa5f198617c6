import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../errors.ts";

/** The time and the chance that waiting and retrying need. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; rejects with the signal's reason if the signal is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 to below 1. */
  random(): number;
}

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  random: Math.random,
};

/** Is told before each new attempt why the last one failed, and how many milliseconds it waits. */
export type OnRetry = (reason: string, wait: number) => void;

/** A failure that the next attempt may not have: of the network, or of a busy server. */
export class TransientError extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number;
  /** Whether the attempt achieved something before it failed. */
  readonly progressed: boolean;

  /** @param message The reason, as the end of a sentence. */
  constructor(
    message: string,
    { retryAfter = 0, progressed = false, cause }: {
      retryAfter?: number;
      progressed?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.retryAfter = retryAfter;
    this.progressed = progressed;
  }
}

/** Options of {@link withRetries}. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: OnRetry | undefined;
  /** The end of the hint if all attempts fail. */
  readonly besides?: string | undefined;
}

/** Attempts in a row that may achieve nothing. */
const ATTEMPTS = 6;
const FIRST_WAIT = 1000;
/** Longest wait in milliseconds; the user is told of a server that wants more. */
const LONGEST_WAIT = 5 * 60_000;

/**
 * Repeats an attempt until it succeeds. After the k-th {@link TransientError} in a row it waits a
 * random time from 2ᵏ⁻¹/2 to 2ᵏ⁻¹ seconds, or as long as the server asked. An attempt that achieved
 * something counts as the first again. Other errors are thrown at once.
 *
 * @param failed The action that fails if all attempts do, e.g. `Cannot download "x"`.
 * @throws {UserError} Six attempts in a row achieved nothing, or the server wants a wait of more than
 * five minutes.
 */
export async function withRetries<T>(
  failed: string,
  attempt: () => Promise<T>,
  { clock, signal, onRetry, besides = "what has arrived is kept" }: RetryOptions,
): Promise<T> {
  for (let failures = 0;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      failures = error.progressed ? 1 : failures + 1;
      if (failures === ATTEMPTS || error.retryAfter > LONGEST_WAIT) {
        throw new UserError(`${failed}: ${error.message}`, `${hint(error)}; ${besides}`, {
          cause: error,
        });
      }
      const backoff = FIRST_WAIT * 2 ** (failures - 1) * (1 + clock.random()) / 2;
      const wait = Math.max(backoff, error.retryAfter);
      onRetry?.(error.message, wait);
      await clock.sleep(wait, signal);
    }
  }
}

function hint({ retryAfter }: TransientError): string {
  return retryAfter > LONGEST_WAIT
    ? `the server asks to wait ${Math.ceil(retryAfter / 60_000)} minutes`
    : "check the network connection and try again";
}
