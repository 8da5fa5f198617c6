import { Option } from "npm:@commander-js/extra-typings@15.1.0";
import { ROWS } from "../settings/table.ts";

/** The flags of the library's options that are no settings; `depth` is a map or a network. */
const OPTION_FLAGS: Readonly<Record<string, string>> = {
  clip: "--clip-model",
  depth: "--depth-model or --depth-map",
  device: "--device",
  force: "--force",
  overwrite: "--overwrite",
  precision: "--precision",
  recompute: "--recompute",
};

/** The flag of each setting and option, by the name that the library's messages call it. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(OPTION_FLAGS),
  ...ROWS.flatMap(([name, { flag }]) =>
    flag === undefined ? [] : [[name, new Option(flag).long!] as const]
  ),
]);

/** A name in backticks, alone or with a value: `recompute` or `recompute: "most"`. */
const NAMED = /`(\w+)(?:: "?([^`"]*)"?)?`/g;

/**
 * A message of the library as a user of the command line reads it: `recompute: "most"`, in backticks,
 * becomes `--recompute most`. Backticks around anything but a setting or an option stay.
 */
export function inFlags(message: string): string {
  return message.replace(NAMED, (named, name: string, value: string | undefined) => {
    const flag = FLAGS.get(name);
    if (flag === undefined) return named;
    return value === undefined || value === "true" ? flag : `${flag} ${value}`;
  });
}
