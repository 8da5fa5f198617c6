import { Command, type CommandUnknownOpts, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { DEVICES } from "../../backend/select.ts";
import { DEFAULT_MODEL } from "../../models/load_model.ts";
import { PRECISIONS } from "../../models/precision.ts";
import { checkPrompts } from "../../prompt/labels.ts";
import { type SampleResult, writeSamples } from "../../report/samples.ts";
import { sample } from "../../sample.ts";
import type { Io } from "../io.ts";
import { folderName, settingOption, settingsGiven } from "../options.ts";
import { runJob } from "../run_job.ts";

/** `sample <prompt...>`. */
export function sampleCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = new Command("sample")
    .description("Makes images of what each prompt says: ordinary text-to-image.")
    .argument("<prompt...>", 'what to show, e.g. "a strawberry"; each gets images of its own')
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
    checkPrompts(prompts);
    await runJob(io, setExitCode, { ...options, sampling: true }, (model) => ({
      unit: "steps",
      first: "the first image was finished",
      run: ({ options: run }) =>
        sample(model, prompts, {
          ...settingsGiven("sample", options),
          ...run,
        }),
      write: (samples, folder) => writeSamples(folder, model, samples),
      summarise: ({ results }) => summary(results),
      interrupted: (samples) =>
        samples[0].interrupted
          ? `after ${samples.length} of ${prompts.length * options.count} images, which are written`
          : undefined,
    }));
  });
  return command;
}

/** The report as lines for people. */
function summary(results: readonly SampleResult[]): string[] {
  const lines = results.flatMap(({ prompt, index, file, seconds }) =>
    index === 0 ? [`${prompt}: ${seconds.toFixed(1)} s`, `  ${file}`] : [`  ${file}`]
  );
  return lines;
}
