/** Options of several benches. */
import { Option } from "npm:@commander-js/extra-typings@15.1.0";
import { DEVICES } from "../src/backend/select.ts";
import { wholeNumber } from "../tasks/options.ts";

/** `--rounds <n>`: number of timings, whose medians are printed. */
export function roundsOption(rounds: number) {
  return new Option("--rounds <n>", "number of timings, whose medians are printed")
    .argParser(wholeNumber(1)).default(rounds);
}

/** `--device <name>`. */
export function deviceOption() {
  return new Option("--device <name>", "where to compute").choices(DEVICES)
    .default("auto" as const);
}
