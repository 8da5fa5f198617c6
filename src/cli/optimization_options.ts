import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { RECOMPUTE } from "../autodiff/recompute.ts";
import { DEVICES } from "../backend/select.ts";
import { DEFAULT_MODEL } from "../models/load_model.ts";
import { PRECISIONS } from "../models/precision.ts";
import type { Job } from "../settings/table.ts";
import { folderName, settingOption } from "./options.ts";

/** A command that optimises, with the options that all of those have. */
export const optimizationCommand = (job: Exclude<Job, "sample">) =>
  new Command(job)
    .option("-o, --out <folder>", "where the files go", folderName, "peekaboo-out")
    .option("--model <id|folder|owner/name>", "the diffusion model", DEFAULT_MODEL)
    .addOption(settingOption("iterations", job))
    .addOption(settingOption("guidanceScale", job))
    .addOption(settingOption("lambda", job))
    .addOption(settingOption("learningRate", job))
    .addOption(settingOption("optimizer", job))
    .addOption(settingOption("tMin", job))
    .addOption(settingOption("tMax", job))
    .addOption(settingOption("alphaSize", job))
    .addOption(settingOption("frequencyScale", job))
    .addOption(settingOption("seed", job))
    .addOption(
      new Option("--device <name>", "where to compute").choices(DEVICES)
        .default("auto" as const),
    )
    .addOption(
      new Option("--precision <name>", "what a float16 model computes in").choices(PRECISIONS)
        .default("auto" as const),
    )
    .addOption(
      new Option("--recompute <how>", "what is computed twice so that less must be held")
        .choices(RECOMPUTE).default("cheap" as const),
    )
    .option("--force", "try also what needs more memory than there seems to be")
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSettings without a default here take the model's own.");
