import { UserError } from "../errors.ts";

/**
 * What a failed file operation is to the user: one line in the operating system's words. Anything
 * that is not the file system's refusal is a bug, and comes back as it is.
 *
 * @param failed What could not be done, e.g. `Cannot write "out/x.png"`.
 * @param cause What was caught.
 * @param hint What to do about it.
 * @returns What to throw.
 *
 * @example
 * ```ts
 * import { fileError } from "./file_error.ts";
 *
 * const caught = await Deno.stat("no-such-file").catch((error) => error);
 * const error = fileError('Cannot read "no-such-file"', caught, "check the path");
 * console.assert(error instanceof Error && error.name === "UserError");
 * ```
 */
export function fileError(failed: string, cause: unknown, hint: string): unknown {
  if (cause instanceof Deno.errors.NotCapable) {
    const [what, remedy] = cause.message.split(/, (?=run again)/);
    return new UserError(`${failed}: Deno ${lower(what)}`, remedy, { cause });
  }
  if (cause instanceof Error && "code" in cause && /^E[A-Z0-9]+$/.test(String(cause.code))) {
    // "File name too long (os error 36): open '/tmp/x…'": the path is in `failed` already.
    const what = cause.message.replace(/ \(os error.*|: \w+ '.*/s, "").replace(/\.$/, "");
    return new UserError(`${failed}: ${lower(what)}`, hint, { cause });
  }
  return cause;
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
