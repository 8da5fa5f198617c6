import { setTimeout as delay } from "node:timers/promises";

/** Time and chance, as far as waiting and trying again need them. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; rejects with the signal's reason if that is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 to below 1. */
  random(): number;
}

/**
 * The machine's own clock.
 *
 * @example
 * ```ts
 * import { SYSTEM_CLOCK } from "./clock.ts";
 *
 * const before = SYSTEM_CLOCK.now();
 * await SYSTEM_CLOCK.sleep(1);
 * console.assert(SYSTEM_CLOCK.now() >= before);
 * ```
 */
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
