import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { RECOMPUTE } from "../autodiff/recompute.ts";
import { DEVICES } from "../backend/select.ts";
import { type GenerateOverrides, IMAGE_PARAMS } from "../generate_settings.ts";
import { DEFAULT_MODEL } from "../models/load_model.ts";
import { PRECISIONS } from "../models/precision.ts";
import { folderName, setting, wanted } from "./options.ts";
import { timelapseEveryOption, timelapseOption } from "./timelapse.ts";

/** A command that makes pictures with their masks, with the options all of those have. */
export const generationCommand = (name: string) =>
  new Command(name)
    .option("-o, --out <folder>", "where the files go", folderName, "peekaboo-out")
    .option("--model <id|folder|owner/name>", "the diffusion model", DEFAULT_MODEL)
    .addOption(
      new Option("--image-param <name>", "how colours and transparency are expressed")
        .choices(IMAGE_PARAMS).default(IMAGE_PARAMS[0]),
    )
    .option("--iterations <n>", wanted("optimisation steps", "iterations"), setting("iterations"))
    .option(
      "--guidance <g>",
      wanted("classifier-free guidance scale", "guidanceScale"),
      setting("guidanceScale"),
    )
    .option("--lambda <λ>", wanted("penalty on the opaque area", "lambda"), setting("lambda"))
    .option("--learning-rate <η>", wanted("step size", "learningRate"), setting("learningRate"))
    .addOption(new Option("--optimizer <name>", "sgd or adam").choices(["sgd", "adam"] as const))
    .option("--t-min <t>", wanted("smallest diffusion timestep", "tMin"), setting("tMin"))
    .option("--t-max <t>", wanted("largest diffusion timestep", "tMax"), setting("tMax"))
    .option("--size <pixels>", wanted("side of the pictures", "alphaSize"), setting("alphaSize"))
    .option(
      "--frequency-scale <s>",
      wanted("how fine the Fourier networks start", "frequencyScale"),
      setting("frequencyScale"),
    )
    .option("--seed <n>", wanted("of all randomness", "seed"), setting("seed"), 0)
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
    .addOption(timelapseOption())
    .addOption(timelapseEveryOption())
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSettings without a default here take the model's own.");

/** The settings that its options give. */
export function generationOverrides(
  options: ReturnType<ReturnType<typeof generationCommand>["opts"]>,
): GenerateOverrides {
  return {
    imageParam: options.imageParam,
    iterations: options.iterations,
    guidanceScale: options.guidance,
    lambda: options.lambda,
    learningRate: options.learningRate,
    optimizer: options.optimizer,
    tMin: options.tMin,
    tMax: options.tMax,
    size: options.size,
    frequencyScale: options.frequencyScale,
    seed: options.seed,
  };
}
