import type { CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { sampleFiles, type SampleResult, writeSamples } from "../../report/samples.ts";
import { sample } from "../../sample.ts";
import { checkWords } from "../check_words.ts";
import type { Io } from "../io.ts";
import { jobCommand } from "../job_options.ts";
import { settingOption, settingsGiven } from "../options.ts";
import { runJob } from "../run_job.ts";

/** `sample <prompt...>`. */
export function sampleCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = jobCommand("sample")
    .description("Makes images of what each prompt says: ordinary text-to-image.")
    .argument("<prompt...>", 'what to show, e.g. "a strawberry"; each gets images of its own')
    .addOption(settingOption("scheduler", "sample"))
    .addOption(settingOption("steps", "sample"))
    .addOption(settingOption("negativePrompt", "sample"))
    .addOption(settingOption("count", "sample"))
    .addOption(settingOption("size", "sample"));

  command.action(async (prompts, options) => {
    await checkWords(prompts);
    const { negativePrompt } = options;
    if (negativePrompt.trim() !== "") await checkWords([negativePrompt]);
    const files = sampleFiles(prompts, options.count);
    await runJob(io, setExitCode, { ...options, files, sampling: true }, (model) => ({
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
