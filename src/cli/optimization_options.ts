import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { RECOMPUTE } from "../autodiff/recompute.ts";
import { DEVICES } from "../backend/select.ts";
import { DEFAULT_MODEL } from "../models/load_model.ts";
import { PRECISIONS } from "../models/precision.ts";
import { folderName, setting, wanted } from "./options.ts";

/**
 * A command that optimises, with the options that all of those have.
 *
 * @param area What λ penalises.
 * @param sized What has the size asked for.
 */
export const optimizationCommand = (
  name: string,
  { area, sized }: Record<"area" | "sized", string>,
) =>
  new Command(name)
    .option("-o, --out <folder>", "where the files go", folderName, "peekaboo-out")
    .option("--model <id|folder|owner/name>", "the diffusion model", DEFAULT_MODEL)
    .option("--iterations <n>", wanted("optimisation steps", "iterations"), setting("iterations"))
    .option(
      "--guidance <g>",
      wanted("classifier-free guidance scale", "guidanceScale"),
      setting("guidanceScale"),
    )
    .option("--lambda <λ>", wanted(`penalty on ${area}`, "lambda"), setting("lambda"))
    .option("--learning-rate <η>", wanted("step size", "learningRate"), setting("learningRate"))
    .addOption(new Option("--optimizer <name>", "sgd or adam").choices(["sgd", "adam"] as const))
    .option("--t-min <t>", wanted("smallest diffusion timestep", "tMin"), setting("tMin"))
    .option("--t-max <t>", wanted("largest diffusion timestep", "tMax"), setting("tMax"))
    .option("--size <pixels>", wanted(`side of ${sized}`, "alphaSize"), setting("alphaSize"))
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
    .option("--json", "print one JSON document on standard output")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", "\nSettings without a default here take the model's own.");

/** The settings that its options give, but for the size: masks and pictures call it by other names. */
export function optimizationOverrides(
  options: ReturnType<ReturnType<typeof optimizationCommand>["opts"]>,
) {
  return {
    iterations: options.iterations,
    guidanceScale: options.guidance,
    lambda: options.lambda,
    learningRate: options.learningRate,
    optimizer: options.optimizer,
    tMin: options.tMin,
    tMax: options.tMax,
    frequencyScale: options.frequencyScale,
    seed: options.seed,
  };
}
