/**
 * Times a start of the program to the end of its first iteration: whole processes, as a user starts
 * them, which segment with one iteration and write one file. In turn with them, it times processes
 * that only print their version, which is the cost of a start that computes nothing.
 *
 *     deno run -A bench/cold_start.ts --device cpu --rounds 5
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import { inTurn } from "./in_turn.ts";
import { deviceOption, roundsOption } from "./options.ts";

const { device, rounds } = new Command("cold_start")
  .addOption(deviceOption()).addOption(roundsOption(5)).parse().opts();
const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** Runs the program to its end, and returns its standard output. */
async function start(...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", path("mod.ts"), ...args],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}

const out = await Deno.makeTempDir({ prefix: "peekaboo-bench-" });
let iteration = 0;
// The first round fills the file cache.
const { segment, version } = await inTurn({
  segment: async () => {
    const json = await start(
      ...["segment", path("examples/strawberry-on-stripes.png"), "a strawberry"],
      ...["--iterations", "1", "--emit", "mask", "--json", "--device", device, "--out", out],
    );
    iteration = JSON.parse(json).results[0].seconds;
  },
  version: () => start("--version"),
}, { rounds });
await Deno.remove(out, { recursive: true });

const line = (name: string, value: string) => console.log(`${name.padEnd(40)}${value}`);
console.log(`${device}; medians of ${rounds} processes`);
line("cold start, one iteration, one file", `${(segment / 1000).toFixed(2)} s`);
line("  of the last, from model to mask", `${iteration.toFixed(2)} s`);
line("--version", `${(version / 1000).toFixed(2)} s`);
line("cold start ÷ --version", (segment / version).toFixed(2));
