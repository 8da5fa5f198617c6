import type { Command } from "npm:@commander-js/extra-typings@15.1.0";
import { grid, gridCaptions } from "../../grid.ts";
import { DEFAULT_TEMPLATE } from "../../prompt/compose_captions.ts";
import { type GridReport, gridSheet, writeGrid } from "../../report/grid.ts";
import { openOutputFolder } from "../../report/output_folder.ts";
import { createTimelapse } from "../../report/timelapse.ts";
import { EXIT } from "../exit.ts";
import { generationCommand } from "../generation_options.ts";
import { interruption } from "../interruption.ts";
import type { Io } from "../io.ts";
import { loadGivenModel } from "../load_model.ts";
import { oneLine } from "../one_line.ts";
import { settingsGiven } from "../options.ts";
import { progressBar } from "../progress.ts";
import { reportVerdicts } from "../verdicts.ts";

/** `grid --foreground <prompt...> --background <prompt...>`. */
export function gridCommand(io: Io, setExitCode: (code: number) => void): Command {
  const command = generationCommand("grid")
    .description("Makes foregrounds with transparency and backgrounds that fit each other.")
    .requiredOption("--foreground <prompt...>", 'what the rows show, e.g. "a bulldozer"')
    .requiredOption("--background <prompt...>", 'what the columns show, e.g. "a castle"')
    .option(
      "--template <text>",
      `how a cell's caption is made of the two, e.g. "${DEFAULT_TEMPLATE}"; the model's own unless given`,
    );

  command.action(async (options) => {
    const warn = (message: string) => options.quiet || io.warn(message);
    const { template } = options;
    const prompts = { foregrounds: options.foreground, backgrounds: options.background };
    gridCaptions(prompts, template ?? DEFAULT_TEMPLATE);
    await using model = await loadGivenModel(io, options);
    using folder = await openOutputFolder(options.out);
    using stopping = interruption(io, folder);
    using progress = progressBar(io, !options.quiet);
    const timelapse = options.timelapse ? createTimelapse() : undefined;
    const making = grid(model, prompts, {
      ...settingsGiven("grid", options),
      template,
      onFrame: timelapse && (async (frame) => await timelapse.add([gridSheet(frame)])),
      frameEvery: options.timelapseEvery,
      signal: stopping.signal,
      onProgress: progress.update,
      onWarning: warn,
      clock: io.now,
    });
    const [made] = await stopping.results(making.then((grid) => [grid]));
    progress[Symbol.dispose]();
    if (!made) {
      io.error("Interrupted before the first iteration; nothing was written");
      return setExitCode(EXIT.interrupted);
    }

    const report = await writeGrid(folder, model, prompts, made, timelapse?.finish()[0]);
    if (options.json) io.writeOut(JSON.stringify(report, null, 2) + "\n");
    else if (!options.quiet) io.writeOut(summary(report));
    if (made.interrupted) {
      io.error(`Interrupted after ${made.iterations} iterations; the pictures so far are written`);
      setExitCode(EXIT.interrupted);
    } else {
      reportVerdicts(io, report.foregrounds, setExitCode);
    }
  });
  // The command is used by its parent only, which does not know its options' types.
  return command as unknown as Command;
}

/** What was made, for people. */
function summary({ captions, seconds, sheet, timelapse, ...grid }: GridReport): string {
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
  return lines.map(oneLine).join("");
}
