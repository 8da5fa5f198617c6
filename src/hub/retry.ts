import { UserError } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** A failure that may be gone at the next attempt: of the network, or of a busy server. */
export class TransientError extends Error {
  /** Milliseconds the server asks to wait. */
  readonly retryAfter: number;
  /** Whether the attempt got something done before it failed. */
  readonly progressed: boolean;

  /** @param message What happened, as the end of a sentence. */
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

/** What {@link withRetries} needs of its caller. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Told before each wait what happened, and for how many milliseconds. */
  readonly onRetry?: ((reason: string, wait: number) => void) | undefined;
  /** What to tell besides if all attempts fail, as the end of a hint. */
  readonly besides?: string;
}

/** Attempts in a row that may get nothing done. */
const ATTEMPTS = 6;
const FIRST_WAIT = 1000;
/** A server that wants more time than this is told to the user instead. */
const LONGEST_WAIT = 5 * 60_000;

/**
 * Tries until it works: after the k-th {@link TransientError} in a row it waits a random time from
 * 2ᵏ⁻¹/2 to 2ᵏ⁻¹ seconds, or as long as the server asked. An attempt that got something done counts
 * as the first again. Other errors are thrown at once.
 *
 * @param failed What could not be done if all attempts fail, e.g. `Cannot download "x"`.
 * @throws {UserError} After six attempts without progress, or if the server wants a longer wait than
 * five minutes.
 *
 * @example
 * ```ts
 * import { SYSTEM_CLOCK } from "./clock.ts";
 * import { TransientError, withRetries } from "./retry.ts";
 *
 * let attempts = 0;
 * const clock = { ...SYSTEM_CLOCK, sleep: () => Promise.resolve() };
 * await withRetries("Cannot count", async () => {
 *   if (++attempts < 3) throw await Promise.resolve(new TransientError("too early"));
 * }, { clock });
 * console.assert(attempts === 3);
 * ```
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
