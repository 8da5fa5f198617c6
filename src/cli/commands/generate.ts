import type { CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { generate } from "../../generate.ts";
import { generateFiles, type GenerateResult, writeGenerations } from "../../report/generations.ts";
import { generateFilm } from "../../report/timelapse.ts";
import { checkWords } from "../check_words.ts";
import { generationCommand } from "../job_options.ts";
import type { Io } from "../io.ts";
import { settingsGiven } from "../options.ts";
import { runJob } from "../run_job.ts";

/** `generate <prompt...>`. */
export function generateCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = generationCommand("generate")
    .description("Makes images with real transparency of what each prompt says.")
    .argument("<prompt...>", 'what to show, e.g. "a strawberry"; each gets an image of its own');

  command.action(async (prompts, options) => {
    await checkWords(prompts);
    const files = generateFiles(prompts, options.timelapse);
    await runJob(io, setExitCode, { ...options, files }, (model) => ({
      run: ({ options: run, timelapse }) =>
        generate(model, prompts, {
          ...settingsGiven("generate", options),
          ...run,
          onFrame: timelapse && generateFilm(timelapse),
          frameEvery: options.timelapseEvery,
        }),
      write: (generations, folder, films) => writeGenerations(folder, model, generations, films),
      summarise: ({ results }) => summary(results),
      verdicts: (generations) => generations,
      interrupted: ([{ interrupted, iterations }]) =>
        interrupted ? `after ${iterations} iterations; the images so far are written` : undefined,
    }));
  });
  return command;
}

/** The report as lines for people. */
function summary(results: readonly GenerateResult[]): string[] {
  const lines = results.flatMap(({ prompt, coverage, seconds, files }) => [
    `${prompt}: ${(100 * coverage).toFixed(1)} % opaque, ${seconds.toFixed(1)} s`,
    ...Object.values(files).map((file) => `  ${file}`),
  ]);
  return lines;
}
