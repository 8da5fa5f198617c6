import { type CommandUnknownOpts, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { UserError } from "../../errors.ts";
import { ablate, type Ablation, ablationRuns, ABLATIONS } from "../../evaluate/ablate.ts";
import { decodeImage } from "../../image/decode.ts";
import { onGround } from "../../image/ground.ts";
import { readImageFile } from "../../image/read.ts";
import { ablationFiles, type AblationReport, writeAblation } from "../../report/ablation.ts";
import { fileStem } from "../../report/output_folder.ts";
import { SETTINGS, VARIANTS } from "../../settings/table.ts";
import { checkWords } from "../check_words.ts";
import type { Io } from "../io.ts";
import { frameEveryOption, optimizationCommand } from "../job_options.ts";
import { settingOption, settingsGiven, thresholdOption } from "../options.ts";
import { runJob } from "../run_job.ts";

/** `ablate <what> <image> <prompt>`. */
export function ablateCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = optimizationCommand("ablate")
    .description("Shows what λ, the parametrization or the blur does to a mask.")
    .argument("<what>", ABLATIONS.join(", "), (text) => ablationOf(text))
    .argument("<image>", "PNG, JPEG or GIF image")
    .argument("<prompt>", 'what to look for, e.g. "a strawberry"')
    .addOption(
      new Option(SETTINGS.variant.flag, SETTINGS.variant.helps.ablate)
        .choices(VARIANTS.filter((variant) => variant !== "depth-bilateral")),
    )
    .addOption(settingOption("square", "ablate"))
    .addOption(settingOption("ground", "ablate"))
    .addOption(thresholdOption())
    .addOption(frameEveryOption());

  command.action(async (what, path, prompt, options) => {
    await checkWords([prompt], path);
    if (options.variant !== undefined && what !== "lambda") {
      throw new UserError(
        `Invalid --variant for ablate ${what}: it compares variants itself`,
        "leave it out, or ablate lambda",
      );
    }
    const decoded = await decodeImage(await readImageFile(path), path, {
      onWarning: (message) => options.quiet || io.warn(message),
    });
    const image = onGround(decoded, options.ground);
    const { threshold } = options;
    const stem = fileStem(path);
    const files = ablationFiles({ what, stem, prompt });
    await runJob(io, setExitCode, { ...options, files }, (model) => {
      const overrides = settingsGiven("ablate", options);
      const timesteps = model.noiseSchedule.alphasCumprod.length;
      const runs = ablationRuns(what, model.defaults, overrides, timesteps);
      return {
        run: ({ options: run }) =>
          ablate(model, image, prompt, runs, {
            threshold,
            frameEvery: options.frameEvery,
            ...run,
          }),
        write: (results, folder) =>
          writeAblation(folder, { what, model, path, image, stem, prompt, threshold, results }),
        summarise: summary,
        interrupted: ({ length }, { aborted }) =>
          aborted
            ? `in run ${length} of ${runs.length}; what there is so far is written`
            : undefined,
      };
    });
  });
  return command;
}

function ablationOf(text: string): Ablation {
  const found = ABLATIONS.find((name) => name === text);
  if (found) return found;
  throw new UserError(
    `Unknown ablation "${text}": wanted ${ABLATIONS.join(", ")}`,
    'e.g. ablate lambda photo.png "a dog"',
  );
}

/** The report as lines for people. */
function summary({ runs, files }: AblationReport): string[] {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
  const lines = runs.map(({ name, coverage, meanAlpha, variance, seconds }) =>
    `${name}: ${percent(coverage)} of the image, mean α ${meanAlpha.toFixed(3)}, ` +
    `variance ${variance.toFixed(3)}, ${seconds.toFixed(1)} s`
  );
  return [...lines, ...Object.values(files).map((file) => `  ${file}`)];
}
