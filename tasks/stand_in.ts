/**
 * Writes a stand-in for Stable Diffusion 1: its exact networks and files, with seeded random weights.
 *
 *     deno run -A tasks/stand_in.ts --size full --layout optimum --out stand-in
 *
 * takes 4.3 GB, or 2.2 GB in the layout fp16. Its masks are noise, but it takes the same time and
 * memory as Stable Diffusion.
 */
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { LAYOUTS, SIZES } from "../tests/stable_diffusion/graphs.ts";
import { writeStandIn } from "../tests/stable_diffusion/stand_in.ts";
import { wholeNumber } from "./options.ts";

const { out, ...options } = new Command("stand-in")
  .description("Writes a model folder with Stable Diffusion 1's networks and random weights.")
  .addOption(new Option("--size <name>", "real or narrow").choices(SIZES).default("small" as const))
  .addOption(
    new Option("--layout <name>", "the exporter whose layout to write").choices(LAYOUTS).default(
      "diffusers" as const,
    ),
  )
  .option("--sample-size <n>", "side of the latents; 64 by default", wholeNumber(8))
  .option("-o, --out <folder>", "folder for the files", "stand-in")
  .parse()
  .opts();

await writeStandIn(out, options);
