import assert from "node:assert/strict";
import { UserError } from "../src/errors.ts";

/**
 * A check for `assert.throws` and `assert.rejects`: the error reports a user's mistake in one line that
 * matches `message` and has no final period, with a hint.
 */
export function refusal(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof UserError, String(error instanceof Error ? error.stack : error));
    assert.match(error.message, message);
    assert.match(error.message, /^[^a-z].*[^.]$/);
    assert.ok(error.hint, `No hint with: ${error.message}`);
    return true;
  };
}
