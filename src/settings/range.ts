import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";

/** The schema of a setting: its type and range, with a description in words. */
export type Range<T> = v.GenericSchema<unknown, T>;

/** Numbers that pass a check, described by `wanted`. */
export function numbers(wanted: string, ok: (value: number) => boolean) {
  return v.pipe(
    v.custom<number>((value) => typeof value === "number" && ok(value), wanted),
    v.description(wanted),
  );
}

/** The whole numbers from `min` to `max` that are multiples of `multipleOf`. */
export function whole(min: number, max: number, multipleOf = 1) {
  const step = multipleOf > 1 ? `, a multiple of ${multipleOf}` : "";
  return numbers(
    `a whole number from ${min} to ${max}${step}`,
    (value) => Number.isInteger(value) && value >= min && value <= max && value % multipleOf === 0,
  );
}

/** One of several words. */
export function choice<const T extends readonly string[]>(words: T, wanted = words.join(", ")) {
  return v.pipe(v.picklist(words), v.description(wanted));
}

/** The values of a range in words, as errors and help texts say them. */
export function wantedBy(range: Range<unknown>): string {
  return v.getDescription(range) ?? range.expects;
}

/**
 * Checks the value of a setting.
 *
 * @param name Name of the setting in the error.
 * @throws {UserError} If the value is out of its range.
 */
export function checkSetting(name: string, range: Range<unknown>, value: unknown): void {
  if (v.is(range, value)) return;
  // Words stand in quotation marks, numbers do not.
  const found = range.type === "custom" ? value : `"${value}"`;
  throw new UserError(
    `Invalid ${name} ${found}: wanted ${wantedBy(range)}`,
    "leave it out for the default",
  );
}
