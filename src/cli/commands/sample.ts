import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { DEVICES } from "../../backend/select.ts";
import { DEFAULT_MODEL } from "../../models/load_model.ts";
import { PRECISIONS } from "../../models/precision.ts";
import { checkPrompts } from "../../prompt/check_prompts.ts";
import { openOutputFolder } from "../../report/output_folder.ts";
import { type SampleResult, writeSamples } from "../../report/samples.ts";
import { sample } from "../../sample.ts";
import { EXIT } from "../exit.ts";
import { interruption } from "../interruption.ts";
import type { Io } from "../io.ts";
import { loadGivenModel } from "../load_model.ts";
import { oneLine } from "../one_line.ts";
import { folderName, settingOption, settingsGiven } from "../options.ts";
import { progressBar } from "../progress.ts";

/** `sample <prompt...>`. */
export function sampleCommand(io: Io, setExitCode: (code: number) => void): Command {
  const command = new Command("sample")
    .description("Makes pictures of what each prompt says: ordinary text-to-image.")
    .argument("<prompt...>", 'what to show, e.g. "a strawberry"; each gets pictures of its own')
    .option("-o, --out <folder>", "where the files go", folderName, "peekaboo-out")
    .option("--model <id|folder|owner/name>", "the diffusion model", DEFAULT_MODEL)
    .addOption(settingOption("scheduler", "sample"))
    .addOption(settingOption("steps", "sample"))
    .addOption(settingOption("guidanceScale", "sample"))
    .addOption(settingOption("negativePrompt", "sample"))
    .addOption(settingOption("count", "sample"))
    .addOption(settingOption("size", "sample"))
    .addOption(settingOption("seed", "sample"))
    .addOption(
      new Option("--device <name>", "where to compute").choices(DEVICES)
        .default("auto" as const),
    )
    .addOption(
      new Option("--precision <name>", "what a float16 model computes in").choices(PRECISIONS)
        .default("auto" as const),
    )
    .option("--force", "try also what needs more memory than there seems to be")
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSettings without a default here take the model's own.");

  command.action(async (prompts, options) => {
    const warn = (message: string) => options.quiet || io.warn(message);
    checkPrompts(prompts);
    await using model = await loadGivenModel(io, { ...options, sampling: true });
    using folder = await openOutputFolder(options.out);
    using stopping = interruption(io, folder);
    using progress = progressBar(io, !options.quiet, "steps");
    const samples = await stopping.results(sample(model, prompts, {
      ...settingsGiven("sample", options),
      signal: stopping.signal,
      onProgress: progress.update,
      onWarning: warn,
      clock: io.now,
    }));
    progress[Symbol.dispose]();
    if (samples.length === 0) {
      io.error("Interrupted before the first picture was finished; nothing was written");
      return setExitCode(EXIT.interrupted);
    }

    const report = await writeSamples(folder, model, samples);
    if (options.json) io.writeOut(JSON.stringify(report, null, 2) + "\n");
    else if (!options.quiet) io.writeOut(summary(report.results));
    const [{ interrupted }] = samples;
    if (interrupted) {
      const wanted = prompts.length * options.count;
      io.error(`Interrupted after ${samples.length} of ${wanted} pictures, which are written`);
      setExitCode(EXIT.interrupted);
    }
  });
  // The command is used by its parent only, which does not know its options' types.
  return command as unknown as Command;
}

/** What was made, for people. */
function summary(results: readonly SampleResult[]): string {
  const lines = results.flatMap(({ prompt, index, file, seconds }) =>
    index === 0 ? [`${prompt}: ${seconds.toFixed(1)} s`, `  ${file}`] : [`  ${file}`]
  );
  return lines.map(oneLine).join("");
}
