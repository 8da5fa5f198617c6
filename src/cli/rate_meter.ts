/** How far back the rate looks. */
const WINDOW = 10_000;

/**
 * How fast something goes, over the last ten seconds: a rate over all of the time would hide that it
 * has become slow, and one over an instant would jump.
 *
 * @example
 * ```ts
 * import { RateMeter } from "./rate_meter.ts";
 *
 * const meter = new RateMeter();
 * meter.add(0, 0);
 * meter.add(2000, 500);
 * console.assert(meter.rate === 250 && meter.left(1000) === 4);
 * ```
 */
export class RateMeter {
  #samples: { at: number; done: number }[] = [];

  /** Says how much is done at a moment, in milliseconds. */
  add(at: number, done: number): void {
    const last = this.#samples.at(-1);
    // What starts again has a new rate.
    if (last && done < last.done) this.#samples = [];
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && this.#samples[1].at <= at - WINDOW) this.#samples.shift();
  }

  /** Done a second; nothing before a second has passed. */
  get rate(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < 1000) return undefined;
    return 1000 * (last.done - first.done) / (last.at - first.at);
  }

  /** Seconds that so much more will take; nothing while nothing moves. */
  left(more: number): number | undefined {
    return this.rate ? more / this.rate : undefined;
  }
}
