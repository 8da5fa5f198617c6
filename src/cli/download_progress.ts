import process from "node:process";
import cliProgress from "npm:cli-progress@3.12.0";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import type { PullProgress } from "../catalog/pull.ts";
import { duration } from "./duration.ts";
import type { Io } from "./io.ts";
import { RateMeter } from "./rate_meter.ts";

/** Shows where a download is, on standard error. */
export interface DownloadProgress extends Disposable {
  update(progress: PullProgress): void;
  /** Says what the download waits for, and how many milliseconds. */
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
