/**
 * A mistake of the user's, or in a file of the user's: a missing file, an option out of range, a
 * foreign model. The command line prints its message as one line, with the hint, and exits with
 * code 2; every other error is a bug and shows its stack.
 *
 * The message starts with a capital, has no final period and says what was wanted and what was
 * found; the hint says what to do.
 *
 * @example
 * ```ts
 * import { UserError } from "../mod.ts";
 *
 * const error = new UserError('Cannot read image "x.png": file is empty', "give a PNG or JPEG");
 * console.assert(error.hint === "give a PNG or JPEG");
 * ```
 */
export class UserError extends Error {
  /** Its class, in words. */
  override name = "UserError";
  /** Advice for the user. */
  readonly hint?: string | undefined;

  /**
   * A mistake to tell the user.
   *
   * @param message The mistake: what was wanted, and what was found.
   * @param hint Advice for the user.
   * @param options The error that led to this one, as `cause`.
   */
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** A batch of prompts that the device or a network cannot take; fewer prompts at once may fit. */
export class BatchError extends UserError {
  override name = "BatchError";
}
