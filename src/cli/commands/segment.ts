import { type CommandUnknownOpts, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { UserError } from "../../errors.ts";
import { decodeAlpha } from "../../image/decode_alpha.ts";
import { decodeImage } from "../../image/decode.ts";
import { onGround } from "../../image/ground.ts";
import type { AlphaImage } from "../../image/geometry.ts";
import { readImageFile } from "../../image/read.ts";
import { MASK_KINDS } from "../../mask/render.ts";
import { checkRivals } from "../../prompt/labels.ts";
import { fileStem } from "../../report/output_folder.ts";
import {
  provenance,
  segmentFiles,
  type SegmentReport,
  segmentReport,
  sha256,
  writeLabelMap,
  writeSegmentations,
} from "../../report/segmentation.ts";
import { segmentFilm } from "../../report/timelapse.ts";
import { segment } from "../../segment.ts";
import type { Settings } from "../../settings/settings.ts";
import { INITS, SETTINGS } from "../../settings/table.ts";
import { checkWords } from "../check_words.ts";
import { openClip, readDepth } from "../companions.ts";
import { dryRun } from "../dry_run.ts";
import type { Io } from "../io.ts";
import { optimizationCommand, timelapseEveryOption, timelapseOption } from "../job_options.ts";
import { list, settingOption, settingsGiven, thresholdOption } from "../options.ts";
import { runJob } from "../run_job.ts";

/** `segment <image> <prompt...>`. */
export function segmentCommand(io: Io, setExitCode: (code: number) => void): CommandUnknownOpts {
  const command = optimizationCommand("segment")
    .description("Masks and cuts out of an image what each prompt names.")
    .argument("<image>", "PNG, JPEG or GIF image")
    .argument("<prompt...>", 'what to look for, e.g. "a strawberry"; each gets a mask of its own')
    .addOption(settingOption("variant", "segment"))
    .addOption(
      new Option("--depth-model <id|folder>", "the network whose depth depth-bilateral follows")
        .conflicts("depthMap"),
    )
    .option("--depth-map <image>", "an image whose brightness is the depth it follows")
    .addOption(settingOption("loss", "segment"))
    .option("--clip-model <id|folder>", "the CLIP that judges with --loss clip")
    .option(SETTINGS.init.flag, SETTINGS.init.help, SETTINGS.init.default)
    .addOption(settingOption("square", "segment"))
    .addOption(settingOption("ground", "segment"))
    .option("--mean", "one mask of all prompts: of the mean of their embeddings")
    .addOption(settingOption("exclusive", "segment").conflicts("mean"))
    .addOption(thresholdOption())
    .addOption(
      new Option("--emit <kinds>", "files to write").argParser(list(MASK_KINDS))
        .default([...MASK_KINDS], MASK_KINDS.join(",")),
    )
    .option("--dry-run", "print the memory that this would take, and run nothing")
    .addOption(timelapseOption())
    .addOption(timelapseEveryOption());

  command.action(async (path, prompts, options) => {
    const labels = options.mean ? [prompts] : prompts;
    await checkWords(prompts, path);
    if (options.exclusive) checkRivals(labels.length);
    if (options.dryRun) return await dryRun(io, options, labels.length);
    const bytes = await readImageFile(path);
    const image = await decodeImage(bytes, path, {
      onWarning: (message) => options.quiet || io.warn(message),
    });
    const seen = onGround(image, options.ground);
    const { init, image: initial } = await readInit(options.init);
    const stem = fileStem(path);
    const files = segmentFiles({
      ...options,
      stem,
      prompts: labels.map((label) => typeof label === "string" ? label : label.join(" + ")),
    });
    await runJob(io, setExitCode, { ...options, files }, async (model) => {
      const depth = await readDepth(io, model, image, options);
      const clip = await openClip(io, model, options);
      return {
        run: ({ options: run, timelapse }) =>
          segment(model, image, labels, {
            clip,
            ...settingsGiven("segment", options),
            init,
            initialMask: initial?.mask,
            depth: depth && ("map" in depth ? depth.map : depth.model),
            threshold: options.threshold,
            ...run,
            onFrame: timelapse && segmentFilm(timelapse, seen, options),
            frameEvery: options.timelapseEvery,
          }),
        async write(segmentations, folder, films) {
          const { emit, threshold } = options;
          const how = { stem, emit, threshold, films };
          const results = await writeSegmentations(folder, image, segmentations, how);
          const labelMap = options.exclusive
            ? await writeLabelMap(folder, segmentations, { stem, threshold })
            : undefined;
          const initialMask = initial?.path;
          const inputs = { model, image: path, initialMask, depth, clip, threshold };
          const report = segmentReport({ ...inputs, results, labelMap });
          const withHashes = provenance(report, {
            model: model.sha256,
            image: sha256(bytes),
            initialMask: initial && sha256(initial.bytes),
            depthMap: depth && "map" in depth ? sha256(depth.bytes) : undefined,
            depthModel: depth && "model" in depth ? depth.model.sha256 : undefined,
            clipModel: clip?.sha256,
          });
          await folder.write(`${stem}.json`, JSON.stringify(withHashes, null, 2) + "\n");
          return report;
        },
        summarise: summary,
        verdicts: (segmentations) => segmentations,
        interrupted: (segmentations) => {
          const { interrupted, iterations } = segmentations.at(-1)!;
          return interrupted
            ? `after ${iterations} iterations; the masks so far are written`
            : undefined;
        },
      };
    });
  });
  return command;
}

/** The report as lines for people. */
function summary({ results, labelMap }: SegmentReport): string[] {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
  const lines = results.flatMap(({ prompt, coverage, seconds, files }) => [
    `${prompt}: ${percent(coverage)} of the image, ${seconds.toFixed(1)} s`,
    ...Object.values(files).map((file) => `  ${file}`),
  ]);
  if (labelMap) {
    lines.push("label map", `  ${labelMap.file}`);
    for (const { index, colour, prompt, coverage } of labelMap.legend) {
      lines.push(`  ${index} ${colour} ${prompt ?? "none"}: ${percent(coverage)}`);
    }
  }
  return lines;
}

/** The start of masks. */
interface Init {
  readonly init: Settings["init"];
  /** The image to start from, if it is one. */
  readonly image?: {
    readonly path: string;
    readonly bytes: Uint8Array;
    readonly mask: AlphaImage;
  };
}

/**
 * Reads the value of `--init`: one of {@link INITS}, else the path of an image; `./noise` is a file.
 *
 * @throws {UserError} The image does not exist, or cannot be decoded.
 */
async function readInit(value: string): Promise<Init> {
  const word = INITS.find((init) => init === value);
  if (word) return { init: word };
  try {
    const bytes = await readImageFile(value);
    return {
      init: "image",
      image: { path: value, bytes, mask: await decodeAlpha(bytes, value) },
    };
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(cause.message, `give ${INITS.join(", ")}, or an image`, { cause });
  }
}
