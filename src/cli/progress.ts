import process from "node:process";
import cliProgress from "npm:cli-progress@3.12.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import type { PullProgress } from "../catalog/pull.ts";
import type { Progress } from "../iterate.ts";
import type { Io } from "./io.ts";
import { duration } from "./text.ts";

/** Shows a loop's progress on standard error. */
export interface ProgressBar extends Disposable {
  update(progress: Progress): void;
}

/** A progress bar with rate and time left; shows nothing unless standard error is a terminal. */
export function progressBar(io: Io, wanted: boolean, unit = "iterations"): ProgressBar {
  if (!wanted || !io.interactive) return { update: () => {}, [Symbol.dispose]: () => {} };
  const bar = new cliProgress.SingleBar({
    format: `{bar} {value}/{total} ${unit}, {rate} a second, {left} left`,
    stream: process.stderr,
    clearOnComplete: true,
    // A process that quits at once must not leave the terminal without cursor or line wrap.
    hideCursor: false,
    linewrap: true,
  }, cliProgress.Presets.shades_classic);
  let first: { at: number; iteration: number } | undefined;
  return {
    update({ iteration, iterations }) {
      if (!first) {
        // The first iteration compiles the kernels; a rate that counted it would mislead.
        first = { at: io.now(), iteration };
        bar.start(iterations, iteration, { rate: "–", left: "–" });
        return;
      }
      const rate = 1000 * (iteration - first.iteration) / (io.now() - first.at);
      const left = Math.ceil((iterations - iteration) / rate);
      bar.update(iteration, { rate: rate.toFixed(1), left: `${left} s` });
    },
    [Symbol.dispose]: () => first && bar.stop(),
  };
}

/** Shows the progress of a download on standard error. */
export interface DownloadProgress extends Disposable {
  update(progress: PullProgress): void;
  /** Shows the reason why the download waits, and for how many milliseconds. */
  retry(reason: string, wait: number): void;
}

const PHASES = { download: "", check: "checking ", wait: "another process downloads " };

/**
 * A bar with total, rate and time left where standard error is a terminal; elsewhere, a line for
 * whatever keeps the download waiting.
 */
export function downloadProgress(io: Io, wanted: boolean): DownloadProgress {
  const retryLine = (reason: string, wait: number) =>
    `${reason}; trying again in ${duration(wait / 1000)}`;
  if (!wanted || !io.interactive) {
    let waiting = false;
    return {
      update({ phase, path }) {
        if (phase === "wait" && wanted && !waiting) {
          io.warn(`another process downloads ${path}; waiting for it`);
        }
        waiting = phase === "wait";
      },
      retry: (reason, wait) => wanted && io.warn(retryLine(reason, wait)),
      [Symbol.dispose]: () => {},
    };
  }
  const meter = new RateMeter();
  const bar = new cliProgress.SingleBar({
    barsize: 20,
    format: "{bar} {done} of {all}, {rate}, {left} left: {what}",
    stream: process.stderr,
    clearOnComplete: true,
    // A process that quits at once must not leave the terminal without cursor or line wrap.
    hideCursor: false,
    linewrap: true,
  }, cliProgress.Presets.shades_classic);
  let started = false;
  return {
    update({ received, bytes, phase, path }) {
      meter.add(io.now(), received);
      const payload = {
        done: prettyBytes(received),
        all: prettyBytes(bytes),
        rate: meter.rate === undefined ? "–" : `${prettyBytes(meter.rate)}/s`,
        left: duration(meter.left(bytes - received)),
        what: `${PHASES[phase]}${path}`,
      };
      if (started) bar.update(received, payload);
      else bar.start(bytes, received, payload);
      started = true;
    },
    retry: (reason, wait) => started && bar.update({ what: retryLine(reason, wait) }),
    [Symbol.dispose]: () => started && bar.stop(),
  };
}

/** How far back a rate looks, in milliseconds. */
const WINDOW = 10_000;

/**
 * How fast something goes, over the last ten seconds: a rate over all of the time would hide that it
 * has become slow, and one over an instant would jump.
 */
export class RateMeter {
  #samples: { at: number; done: number }[] = [];

  /** Records how much is done at a moment, in milliseconds. */
  add(at: number, done: number): void {
    const last = this.#samples.at(-1);
    // A download that starts again has a new rate.
    if (last && done < last.done) this.#samples = [];
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && this.#samples[1].at <= at - WINDOW) this.#samples.shift();
  }

  /** The rate per second; undefined before a second has passed. */
  get rate(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < 1000) return undefined;
    return 1000 * (last.done - first.done) / (last.at - first.at);
  }

  /** Seconds until `more` is done; undefined while nothing moves. */
  left(more: number): number | undefined {
    return this.rate ? more / this.rate : undefined;
  }
}
