import type { Command } from "npm:@commander-js/extra-typings@15.1.0";
import { generate } from "../../generate.ts";
import { checkPrompts } from "../../prompt/check_prompts.ts";
import { type GenerateResult, writeGenerations } from "../../report/generations.ts";
import { openOutputFolder } from "../../report/output_folder.ts";
import { createTimelapse, generateFilm } from "../../report/timelapse.ts";
import { EXIT } from "../exit.ts";
import { generationCommand } from "../generation_options.ts";
import { interruption } from "../interruption.ts";
import type { Io } from "../io.ts";
import { loadGivenModel } from "../load_model.ts";
import { oneLine } from "../one_line.ts";
import { settingsGiven } from "../options.ts";
import { progressBar } from "../progress.ts";
import { reportVerdicts } from "../verdicts.ts";

/** `generate <prompt...>`. */
export function generateCommand(io: Io, setExitCode: (code: number) => void): Command {
  const command = generationCommand("generate")
    .description("Makes pictures with real transparency of what each prompt says.")
    .argument("<prompt...>", 'what to show, e.g. "a strawberry"; each gets a picture of its own');

  command.action(async (prompts, options) => {
    const warn = (message: string) => options.quiet || io.warn(message);
    checkPrompts(prompts);
    await using model = await loadGivenModel(io, options);
    using folder = await openOutputFolder(options.out);
    using stopping = interruption(io, folder);
    using progress = progressBar(io, !options.quiet);
    const timelapse = options.timelapse ? createTimelapse() : undefined;
    const generations = await stopping.results(generate(model, prompts, {
      ...settingsGiven("generate", options),
      onFrame: timelapse && generateFilm(timelapse),
      frameEvery: options.timelapseEvery,
      signal: stopping.signal,
      onProgress: progress.update,
      onWarning: warn,
      clock: io.now,
    }));
    progress[Symbol.dispose]();
    if (generations.length === 0) {
      io.error("Interrupted before the first iteration; nothing was written");
      return setExitCode(EXIT.interrupted);
    }

    const report = await writeGenerations(folder, model, generations, timelapse?.finish());
    if (options.json) io.writeOut(JSON.stringify(report, null, 2) + "\n");
    else if (!options.quiet) io.writeOut(summary(report.results));
    const [{ interrupted, iterations }] = generations;
    if (interrupted) {
      io.error(`Interrupted after ${iterations} iterations; the pictures so far are written`);
      setExitCode(EXIT.interrupted);
    } else {
      reportVerdicts(io, generations, setExitCode);
    }
  });
  // The command is used by its parent only, which does not know its options' types.
  return command as unknown as Command;
}

/** What was made, for people. */
function summary(results: readonly GenerateResult[]): string {
  const lines = results.flatMap(({ prompt, coverage, seconds, files }) => [
    `${prompt}: ${(100 * coverage).toFixed(1)} % opaque, ${seconds.toFixed(1)} s`,
    ...Object.values(files).map((file) => `  ${file}`),
  ]);
  return lines.map(oneLine).join("");
}
