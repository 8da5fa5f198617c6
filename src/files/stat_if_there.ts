import { fileError } from "./file_error.ts";

/**
 * What lies at a path; nothing if nothing does. Only that counts as missing: a path that may not be
 * looked at is an error, told as such.
 *
 * @param hint What to do where it cannot be looked at.
 * @throws {UserError} The file system refused, or Deno has no permission to read there.
 *
 * @example
 * ```ts
 * import { statIfThere } from "./stat_if_there.ts";
 *
 * console.assert(await statIfThere("no-such-file", "check the path") === undefined);
 * ```
 */
export async function statIfThere(path: string, hint: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (cause) {
    // A path through a file leads nowhere, just as one through a folder that is not there.
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw fileError(`Cannot read "${path}"`, cause, hint);
  }
}
