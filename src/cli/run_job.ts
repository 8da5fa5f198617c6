import type { DiffusionModel } from "../diffusion/model.ts";
import { discardUnfinished } from "../files/write.ts";
import type { RunOptions } from "../iterate.ts";
import { describeVerdicts, type PromptVerdict } from "../mask/verdict.ts";
import { openOutputFolder, type OutputFolder } from "../report/output_folder.ts";
import { checkOwnFiles } from "../report/own_files.ts";
import { createTimelapse, type Timelapse } from "../report/timelapse.ts";
import { EXIT, type Io } from "./io.ts";
import { loadGivenModel, type ModelChoice } from "./load_model.ts";
import { progressBar } from "./progress.ts";
import { oneLine } from "./text.ts";

/** Options of every job. */
export interface JobOptions extends ModelChoice {
  /** The output folder. */
  readonly out: string;
  readonly json?: true | undefined;
  readonly timelapse?: boolean | undefined;
  /** Whether files of the same names may be replaced that Peekaboo did not write. */
  readonly overwrite?: true | undefined;
  /** Names of all files that the job may write. */
  readonly files: readonly string[];
}

/** The part of a job that is its command's own: `T` is computed, `R` is written and printed. */
export interface Job<T, R> {
  /** Computes the result; rejects with the signal's reason if it is stopped before it has one. */
  run(tools: JobTools): Promise<T>;
  /** Writes the result's files and returns the report that `--json` prints. */
  write(result: T, folder: OutputFolder, films: readonly Uint8Array[] | undefined): Promise<R>;
  /** The report as lines for people. */
  summarise(report: R): readonly string[];
  /** The masks to judge, if the result has any. */
  verdicts?(result: T): readonly PromptVerdict[];
  /** The sentence that says where the job was interrupted; undefined if it was not. */
  interrupted(result: T, signal: AbortSignal): string | undefined;
  /** The unit of progress; the default is "iterations". */
  readonly unit?: string;
  /** The first thing to finish, named if the job is stopped before it. */
  readonly first?: string;
}

/** The options that a job passes on to the library, and its films if `--timelapse` asks for them. */
export interface JobTools {
  readonly options: Required<Pick<RunOptions, "signal" | "onProgress" | "onWarning" | "clock">>;
  readonly timelapse: Timelapse | undefined;
}

/**
 * Runs a command that computes with a model and writes files, from loading the model to the exit code.
 *
 * The first Ctrl-C ends the computation early, and the results so far are written; a second one quits
 * at once and leaves nothing half-written.
 *
 * @param plan Checks the arguments that need the model, and gives the job.
 */
export async function runJob<T, R>(
  io: Io,
  setExitCode: (code: number) => void,
  options: JobOptions,
  plan: (model: DiffusionModel) => Job<T, R> | Promise<Job<T, R>>,
): Promise<void> {
  await checkOwnFiles(options.out, options.files, options);
  await using model = await loadGivenModel(io, options);
  const job = await plan(model);
  using folder = await openOutputFolder(options.out, options.files);
  const stopping = new AbortController();
  const { signal } = stopping;
  using _listening = io.onInterrupt(() => stopping.abort(), () => {
    discardUnfinished();
    folder[Symbol.dispose]();
  });
  const timelapse = options.timelapse ? createTimelapse() : undefined;

  let result: T;
  {
    using progress = progressBar(io, !options.quiet, job.unit);
    try {
      result = await job.run({
        options: {
          signal,
          onProgress: progress.update,
          onWarning: (message) => options.quiet || io.warn(message),
          clock: io.now,
        },
        timelapse,
      });
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      progress[Symbol.dispose]();
      io.error(`Interrupted before ${job.first ?? "the first iteration"}; nothing was written`);
      return setExitCode(EXIT.interrupted);
    }
  }

  const report = await job.write(result, folder, timelapse?.finish());
  if (options.json) io.writeOut(JSON.stringify(report, null, 2) + "\n");
  else if (!options.quiet) io.writeOut(job.summarise(report).map(oneLine).join(""));

  const interrupted = job.interrupted(result, signal);
  if (interrupted !== undefined) {
    io.error(`Interrupted ${interrupted}`);
    return setExitCode(EXIT.interrupted);
  }
  const doubt = describeVerdicts(job.verdicts?.(result) ?? []);
  if (doubt) {
    // The files are written all the same: they show what happened.
    io.error(doubt.message[0].toUpperCase() + doubt.message.slice(1), doubt.advice);
    setExitCode(EXIT.noMask);
  }
}
