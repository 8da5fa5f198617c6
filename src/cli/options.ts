import { InvalidArgumentError, Option } from "npm:@commander-js/extra-typings@15.1.0";
import * as v from "npm:valibot@1.5.0";
import { DEFAULT_THRESHOLD } from "../mask/threshold.ts";
import { type Range, wantedBy } from "../settings/range.ts";
import type { GenerateOverrides } from "../settings/generate_settings.ts";
import type { SampleOverrides } from "../settings/sample_settings.ts";
import type { SettingsOverrides } from "../settings/settings.ts";
import {
  type Job,
  type Setting,
  type SettingName,
  SETTINGS,
  settingsOf,
  type Table,
  type ValueOf,
} from "../settings/table.ts";

/** The settings that have an option; `--init` takes a path too, and is made by its command. */
type Optional = Exclude<
  { [K in SettingName]: Table[K] extends { flag: string } ? K : never }[SettingName],
  "init"
>;

/** The option of a setting, as commander types it: a boolean's is a flag without a value. */
type SettingOption<K extends Optional> = Option<
  Table[K]["flag"],
  undefined,
  Table[K] extends { default: infer D } ? D : undefined,
  ValueOf<K> extends boolean ? undefined : ValueOf<K>
>;

/**
 * The option of a setting: its flag, help with range, parser and default are those of the table.
 *
 * @param job The command that gets it.
 */
export function settingOption<K extends Optional>(name: K, job: Job): SettingOption<K> {
  const row: Setting & { readonly flag: string } = SETTINGS[name];
  const { schema, helps, help } = row;
  const sentence = helps?.[job] ?? help;
  const option = isNumbers(schema)
    ? new Option(row.flag, wanted(sentence, schema)).argParser(numberIn(schema))
    : new Option(row.flag, sentence);
  if (schema.type === "union") option.argParser(within(schema));
  if (isChoice(schema)) option.choices(schema.options);
  if (row.default !== undefined) option.default(row.default);
  return option as Option<string, unknown, unknown, unknown, boolean, unknown> as SettingOption<K>;
}

/** The overrides that a command's run takes. */
interface Overrides {
  readonly segment: SettingsOverrides;
  readonly ablate: SettingsOverrides;
  readonly generate: GenerateOverrides;
  readonly grid: GenerateOverrides;
  readonly sample: SampleOverrides;
}

/** The settings that a command's options give, under the names that its run expects. */
export function settingsGiven<J extends Job>(job: J, options: object): Overrides[J] {
  const values = new Map(Object.entries(options));
  const given = settingsOf(job).flatMap(([name, { flag, names }]) =>
    flag === undefined || name === "init"
      ? []
      : [[names?.[job] ?? name, values.get(new Option(flag).attributeName())]]
  );
  return Object.fromEntries(given);
}

/** Parses a word that must lie in a range. */
function within(range: Range<unknown>): (text: string) => string {
  return (text) => {
    if (v.is(range, text)) return text;
    throw new InvalidArgumentError(`Wanted ${wantedBy(range)}.`);
  };
}

function isChoice(range: Range<unknown>): range is v.PicklistSchema<readonly string[], undefined> {
  return range.type === "picklist";
}

function isNumbers(range: Range<unknown>): range is Range<number> {
  return range.type === "custom";
}

/** An option's description with the range of its value. */
export function wanted(description: string, range: Range<number>): string {
  return `${description}: ${wantedBy(range)}`;
}

/** A parser of the numbers in a range, for commander. */
export function numberIn(range: Range<number>): (text: string) => number {
  return checked(wantedBy(range), (value) => v.is(range, value));
}

/** A parser of a folder's name, for commander. */
export function folderName(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Wanted the name of a folder.");
}

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
