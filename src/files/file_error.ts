import { UserError } from "../errors.ts";

/**
 * Turns a refusal of the file system, or of Deno's permissions, into a `UserError` of one line in the
 * operating system's words. Any other error is a bug and is returned unchanged.
 *
 * @param failed The action that failed, e.g. `Cannot write "out/x.png"`.
 * @param cause The error that was caught.
 * @param hint What the user can do about it.
 * @returns The error to throw.
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

/**
 * Looks up a path; gives nothing if nothing lies there. Only that counts as missing: a path that may
 * not be looked at is an error.
 *
 * @param hint What the user can do where the path cannot be looked at.
 * @throws {UserError} The file system refused, or Deno has no permission to read there.
 */
export async function statIfThere(path: string, hint: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw fileError(`Cannot read "${path}"`, cause, hint);
  }
}

/** Whether an error says that nothing lies at a path; a path through a file leads nowhere either. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
