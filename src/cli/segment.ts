import { basename, extname } from "node:path";
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { UserError } from "../errors.ts";
import { decodeImage } from "../image/decode.ts";
import { readImageFile } from "../image/read.ts";
import { DEFAULT_MODEL, loadModel } from "../models/load_model.ts";
import { MASK_KINDS } from "../mask/render.ts";
import { openOutputFolder } from "../report/output_folder.ts";
import { provenance, segmentReport, type SegmentResult } from "../report/provenance.ts";
import { writeSegmentations } from "../report/segmentation.ts";
import { segment } from "../segment.ts";
import { SQUARE_MODES } from "../image/geometry.ts";
import { VARIANTS } from "../settings.ts";
import { EXIT } from "./exit.ts";
import type { Io } from "./io.ts";
import { list, number, setting } from "./options.ts";
import { progressBar } from "./progress.ts";

/** `segment <image> <prompt...>`. */
export function segmentCommand(io: Io, setExitCode: (code: number) => void): Command {
  const command = new Command("segment")
    .description("Masks and cuts out of a picture what each prompt names.")
    .argument("<image>", "PNG, JPEG or GIF picture")
    .argument("<prompt...>", 'what to look for, e.g. "a strawberry"; each gets a mask of its own')
    .option("-o, --out <folder>", "where the files go", "peekaboo-out")
    .option("--model <id|folder>", "the diffusion model", DEFAULT_MODEL)
    .addOption(new Option("--variant <name>", "how the mask is expressed").choices(VARIANTS))
    .option("--iterations <n>", "optimisation steps", setting("iterations"))
    .option("--guidance <g>", "classifier-free guidance scale", setting("guidanceScale"))
    .option("--lambda <λ>", "penalty on the mask's area", setting("lambda"))
    .option("--learning-rate <η>", "step size", setting("learningRate"))
    .addOption(new Option("--optimizer <name>", "sgd or adam").choices(["sgd", "adam"] as const))
    .option("--t-min <t>", "smallest diffusion timestep", setting("tMin"))
    .option("--t-max <t>", "largest diffusion timestep", setting("tMax"))
    .option("--size <pixels>", "side of the optimised mask", setting("alphaSize"))
    .addOption(
      new Option("--square <how>", "how the picture is made square").choices(SQUARE_MODES)
        .default("scale" as const),
    )
    .option("--threshold <α>", "the mask is α ≥ this", number({ min: 0, max: 1 }), 0.5)
    .option("--seed <n>", "of all randomness", setting("seed"), 0)
    .addOption(
      new Option("--device <name>", "where to compute").choices(["auto", "webgpu", "cpu"] as const)
        .default("auto" as const),
    )
    .addOption(
      new Option("--emit <kinds>", "files to write").argParser(list(MASK_KINDS))
        .default([...MASK_KINDS], MASK_KINDS.join(",")),
    )
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSettings without a default here take the model's own.");

  command.action(async (path, prompts, options) => {
    const warn = (message: string) => options.quiet || io.warn(message);
    const empty = prompts.findIndex((prompt) => prompt.trim() === "");
    if (empty >= 0) {
      throw new UserError(
        `Prompt ${empty + 1} is empty`,
        'say what to look for, e.g. "a strawberry"',
      );
    }
    const bytes = await readImageFile(path);
    const image = await decodeImage(bytes, path);
    await using model = await loadModel(options.model, {
      device: options.device,
      cacheFolder: io.cacheFolder,
    });
    await using folder = await openOutputFolder(options.out);

    const stopping = new AbortController();
    using _interrupt = io.onInterrupt(() => stopping.abort());
    using progress = progressBar(io, !options.quiet);
    const started = io.now();
    const results = await segment(model, image, prompts, {
      variant: options.variant,
      iterations: options.iterations,
      guidanceScale: options.guidance,
      lambda: options.lambda,
      learningRate: options.learningRate,
      optimizer: options.optimizer,
      tMin: options.tMin,
      tMax: options.tMax,
      alphaSize: options.size,
      square: options.square,
      seed: options.seed,
      signal: stopping.signal,
      onProgress: progress.update,
      onWarning: warn,
      clock: io.now,
    }).catch((error) => {
      if (!stopping.signal.aborted) throw error;
      return [];
    });
    progress[Symbol.dispose]();
    const seconds = (io.now() - started) / 1000;
    const interrupted = stopping.signal.aborted;
    if (interrupted) setExitCode(EXIT.interrupted);
    if (results.length === 0) {
      io.error("Interrupted before the first iteration; nothing was written");
      return;
    }

    const stem = basename(path, extname(path));
    const { emit, threshold } = options;
    const written = await writeSegmentations(folder, image, results, { stem, emit, threshold });
    const report = segmentReport({ model, image: path, threshold, results: written, seconds });
    const withHashes = provenance(report, bytes, model);
    await folder.write(`${stem}.json`, JSON.stringify(withHashes, null, 2) + "\n");

    if (options.json) io.writeOut(JSON.stringify(report, null, 2) + "\n");
    else if (!options.quiet) io.writeOut(report.results.map(summary).join(""));
    if (interrupted) {
      const { iterations } = results[0];
      io.error(`Interrupted after ${iterations} iterations; the masks so far are written`);
    }
  });
  // The command is used by its parent only, which does not know its options' types.
  return command as unknown as Command;
}

/** One result in words, for people. */
function summary({ prompt, coverage, seconds, files }: SegmentResult): string {
  const percent = (100 * coverage).toFixed(1);
  const lines = [`${prompt}: ${percent} % of the picture, ${seconds.toFixed(1)} s`];
  for (const file of Object.values(files)) lines.push(`  ${file}`);
  return lines.map((line) => `${line}\n`).join("");
}
