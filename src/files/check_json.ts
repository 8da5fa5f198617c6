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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new UserError(`Cannot read "${name}": ${reason}`, hint, { cause });
  }
  return checkValue(schema, value, name, hint);
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
