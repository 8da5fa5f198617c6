import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { RECOMPUTE } from "../autodiff/recompute.ts";
import { DEVICES } from "../backend/select.ts";
import { FRAME_EVERY, FRAME_EVERY_RANGE } from "../iterate.ts";
import { DEFAULT_MODEL } from "../models/load_model.ts";
import { PRECISIONS } from "../models/precision.ts";
import type { Job } from "../settings/table.ts";
import { folderName, numberIn, settingOption, wanted } from "./options.ts";

/** A command that computes with a model and writes files, with the options of all of those. */
export const jobCommand = (job: Job) =>
  new Command(job)
    .option("-o, --out <folder>", "where the files go", folderName, "peekaboo-out")
    .option("--overwrite", "replace also files of the same names that Peekaboo did not write")
    .option("--model <id|folder|owner/name>", "the diffusion model", DEFAULT_MODEL)
    .addOption(settingOption("guidanceScale", job))
    .addOption(settingOption("seed", job))
    .addOption(
      new Option("--device <name>", "where to compute").choices(DEVICES)
        .default("auto" as const),
    )
    .addOption(
      new Option("--precision <name>", "what a float16 model computes in").choices(PRECISIONS)
        .default("auto" as const),
    )
    .option("--force", "try also models that seem to need more memory than there is")
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSettings without a default here take the model's own.");

/** A command that optimises masks, or images with masks, with the options of all of those. */
export const optimizationCommand = (job: Exclude<Job, "sample">) =>
  jobCommand(job)
    .addOption(settingOption("iterations", job))
    .addOption(settingOption("lambda", job))
    .addOption(settingOption("learningRate", job))
    .addOption(settingOption("optimizer", job))
    .addOption(settingOption("tMin", job))
    .addOption(settingOption("tMax", job))
    .addOption(settingOption("alphaSize", job))
    .addOption(settingOption("frequencyScale", job))
    .addOption(
      new Option("--recompute <how>", "values to compute twice, which saves memory")
        .choices(RECOMPUTE).default("cheap" as const),
    );

/** A command that makes images with their masks, with the options all of those have. */
export const generationCommand = (job: "generate" | "grid") =>
  optimizationCommand(job)
    .addOption(settingOption("imageParam", job))
    .addOption(timelapseOption())
    .addOption(timelapseEveryOption());

/** `--timelapse`. */
export const timelapseOption = () =>
  new Option("--timelapse", "write also an animated GIF of how each result came about");

/** `--timelapse-every <k>`, which asks for a film too. */
export const timelapseEveryOption = () =>
  new Option("--timelapse-every <k>", wanted("iterations between its frames", FRAME_EVERY_RANGE))
    .argParser(numberIn(FRAME_EVERY_RANGE)).default(FRAME_EVERY).implies({ timelapse: true });

/** `--frame-every <k>`. */
export const frameEveryOption = () =>
  new Option("--frame-every <k>", wanted("iterations between what is kept", FRAME_EVERY_RANGE))
    .argParser(numberIn(FRAME_EVERY_RANGE)).default(FRAME_EVERY);
