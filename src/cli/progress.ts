import process from "node:process";
import cliProgress from "npm:cli-progress@3.12.0";
import type { Progress } from "../iterate.ts";
import type { Io } from "./io.ts";

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
