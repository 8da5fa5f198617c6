import type { CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { grid, gridCaptions } from "../../grid.ts";
import { DEFAULT_TEMPLATE } from "../../prompt/compose_captions.ts";
import { gridFiles, type GridReport, gridSheet, writeGrid } from "../../report/grid.ts";
import { checkWords } from "../check_words.ts";
import { generationCommand } from "../job_options.ts";
import type { Io } from "../io.ts";
import { settingsGiven } from "../options.ts";
import { runJob } from "../run_job.ts";

/** `grid --foreground <prompt...> --background <prompt...>`. */
export function gridCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = generationCommand("grid")
    .description("Makes foregrounds with transparency and backgrounds that fit each other.")
    .requiredOption("--foreground <prompt...>", 'what the rows show, e.g. "a bulldozer"')
    .requiredOption("--background <prompt...>", 'what the columns show, e.g. "a castle"')
    .option(
      "--template <text>",
      `the caption of a cell, e.g. "${DEFAULT_TEMPLATE}"; the default is the model's own`,
    );

  command.action(async (options) => {
    const { template } = options;
    const prompts = { foregrounds: options.foreground, backgrounds: options.background };
    await checkWords(options.foreground);
    await checkWords(options.background);
    gridCaptions(prompts, template ?? DEFAULT_TEMPLATE);
    const files = gridFiles(prompts, options.timelapse);
    await runJob(io, setExitCode, { ...options, files }, (model) => ({
      run: ({ options: run, timelapse }) =>
        grid(model, prompts, {
          ...settingsGiven("grid", options),
          ...run,
          template,
          onFrame: timelapse && (async (frame) => await timelapse.add([gridSheet(frame)])),
          frameEvery: options.timelapseEvery,
        }),
      write: (made, folder, films) => writeGrid(folder, model, prompts, made, films?.[0]),
      summarise: summary,
      verdicts: ({ verdicts }) =>
        verdicts.map((verdict, f) => ({ prompt: prompts.foregrounds[f], verdict })),
      interrupted: ({ interrupted, iterations }) =>
        interrupted ? `after ${iterations} iterations; the images so far are written` : undefined,
    }));
  });
  return command;
}

/** The report as lines for people. */
function summary({ captions, seconds, sheet, timelapse, ...grid }: GridReport): string[] {
  const lines = [
    `${captions.length} cells, ${seconds.toFixed(1)} s`,
    `  ${sheet}`,
    ...(timelapse ? [`  ${timelapse}`] : []),
    ...grid.foregrounds.flatMap(({ prompt, coverage, files }) => [
      `${prompt}: ${(100 * coverage).toFixed(1)} % opaque`,
      ...Object.values(files).map((file) => `  ${file}`),
    ]),
    ...grid.backgrounds.flatMap(({ prompt, file }) => [prompt, `  ${file}`]),
  ];
  return lines;
}
