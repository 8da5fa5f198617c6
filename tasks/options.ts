import { InvalidArgumentError } from "npm:@commander-js/extra-typings@15.1.0";
import { inFlags } from "../src/cli/flags.ts";
import { EXIT } from "../src/cli/io.ts";
import { UserError } from "../src/errors.ts";

/** Parser, for commander, of a whole number of at least `min`. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`Wanted a whole number of at least ${min}.`);
  };
}

/** Runs a task; a user's mistake is printed without its stack, and ends the program with code 2. */
export async function toldInLines(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, hint } = error;
    console.error(inFlags(hint === undefined ? message : `${message}\nhint: ${hint}`));
    Deno.exit(EXIT.user);
  }
}
