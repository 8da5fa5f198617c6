import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";

const HINT = "mend the file, or fetch the model again";

const WHOLE = "a whole number of at least 1";

/** The schema of sizes and counts. */
export const POSITIVE_INTEGER = v.pipe(v.number(), v.integer(WHOLE), v.minValue(1, WHOLE));

/**
 * Parses JSON text and checks it against a schema. The message of a check in the schema names what
 * is wanted, e.g. `v.minValue(1, "a number of at least 1")`.
 *
 * @param name The file's name in messages.
 * @param hint What the user can do about a file that does not fit.
 * @throws {UserError} The text is not JSON, or the value does not fit; the message names the field.
 */
export function checkJson<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  name: string,
  hint: string = HINT,
): T {
  return checkValue(schema, parse(text, name, hint), name, hint);
}

/**
 * Parses and checks a configuration of another program's, as {@link checkJson} does. A field that is
 * `null` counts as missing: so Python's libraries write what was not given.
 *
 * @throws {UserError} As {@link checkJson}.
 */
export function checkConfig<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  name: string,
  hint: string = HINT,
): T {
  return checkValue(schema, parse(text, name, hint, withoutNulls), name, hint);
}

/** A reviver of `JSON.parse` that leaves out the fields that are `null`. */
export function withoutNulls(this: unknown, name: string, value: unknown): unknown {
  // The document itself has the name "".
  return value === null && name !== "" && !Array.isArray(this) ? undefined : value;
}

function parse(
  text: string,
  name: string,
  hint: string,
  reviver?: (this: unknown, name: string, value: unknown) => unknown,
): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new UserError(`Cannot read "${name}": ${reason}`, hint, { cause });
  }
}

/**
 * Checks a value, e.g. of an imported JSON file, against a schema.
 *
 * @param name The file's name in messages.
 * @param hint What the user can do about a value that does not fit.
 * @throws {UserError} The value does not fit; the message names the field.
 */
export function checkValue<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  name: string,
  hint: string = HINT,
): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  throw new UserError(
    `Cannot read "${name}": ${field === null ? "" : `field "${field}": `}${describe(issue)}`,
    hint,
  );
}

/** Describes a mismatch: a check's message names what it wants, and valibot names types. */
function describe({ kind, type, expected, received, message }: v.BaseIssue<unknown>): string {
  if (received === "undefined") return "missing";
  if (expected === "never") return "not a known field";
  const wanted = kind === "validation" || type === "custom" ? message : expected;
  return `wanted ${wanted}, found ${received}`;
}
