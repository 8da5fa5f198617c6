import { InvalidArgumentError, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { SAMPLE_RULES } from "../diffusion/sample_settings.ts";
import { SQUARE_MODES } from "../image/geometry.ts";
import { FRAME_EVERY_RULE } from "../iterate.ts";
import { DEFAULT_THRESHOLD } from "../mask/threshold.ts";
import { SETTING_RULES } from "../settings.ts";

/** What each numeric setting of each command may be. */
const RULES = { ...SETTING_RULES, ...SAMPLE_RULES, frameEvery: FRAME_EVERY_RULE };

/** A parser of one of the numeric settings, for commander. */
export function setting(name: keyof typeof RULES): (text: string) => number {
  return checked(RULES[name].wanted, (value) => RULES[name].ok(value));
}

/** An option's description with what its setting may be. */
export function wanted(description: string, name: keyof typeof RULES): string {
  return `${description}: ${RULES[name].wanted}`;
}

/** A parser of a folder's name, for commander. */
export function folderName(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Wanted the name of a folder.");
}

/** `--square <how>`. */
export const squareOption = () =>
  new Option("--square <how>", "how the picture is made square").choices(SQUARE_MODES)
    .default("scale" as const);

/** `--threshold <α>`. */
export const thresholdOption = () =>
  new Option("--threshold <α>", "the mask is α ≥ this").argParser(number({ min: 0, max: 1 }))
    .default(DEFAULT_THRESHOLD);

/** A parser of a number from `min` to `max`, for commander. */
export function number({ min, max }: { min: number; max: number }): (text: string) => number {
  return checked(`a number from ${min} to ${max}`, (value) => value >= min && value <= max);
}

function checked(wanted: string, ok: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (ok(value)) return value;
    throw new InvalidArgumentError(`Wanted ${wanted}.`);
  };
}

/** A parser of a comma-separated list of known words, for commander. */
export function list<const T extends string>(words: readonly T[]): (text: string) => T[] {
  return (text) => {
    const given = text.split(",").map((word) => word.trim());
    const unknown = given.find((word) => !words.includes(word as T));
    if (unknown === undefined) return words.filter((word) => given.includes(word));
    throw new InvalidArgumentError(`Wanted some of ${words.join(", ")}; found "${unknown}".`);
  };
}
