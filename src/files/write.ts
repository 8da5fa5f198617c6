import { dirname, join } from "node:path";
import { fileError } from "./file_error.ts";

/**
 * Writes a file that is either whole or not there: into a temporary file of the same folder, then
 * renamed over `path`. A reader, a full disk or an interruption never leaves half a file under the
 * name, and a failure removes the temporary one.
 *
 * @param path Where; its folder must exist. A file already there is replaced.
 * @param bytes The whole content; a string is written as UTF-8.
 * @throws {UserError} The file system refused; the message names `path` and the reason.
 *
 * @example
 * ```ts
 * import { writeFileAtomic } from "./write.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await writeFileAtomic(`${folder}/note.txt`, "whole");
 * console.assert(await Deno.readTextFile(`${folder}/note.txt`) === "whole");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  // A short name of its own: `path`'s may already be as long as the file system allows.
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  unfinished.add(temporary);
  try {
    await writeNew(temporary, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    await Deno.rename(temporary, path);
  } catch (cause) {
    await Deno.remove(temporary).catch(() => {}); // It may never have been made.
    throw fileError(`Cannot write "${path}"`, cause, "give a folder that exists, with room in it");
  } finally {
    unfinished.delete(temporary);
  }
}

const unfinished = new Set<string>();

/** Removes what {@link writeFileAtomic} has not finished, for a process that quits at once. */
export function discardUnfinished(): void {
  for (const path of unfinished) {
    try {
      Deno.removeSync(path);
    } catch {
      // It was not made yet, or has its name already; the process ends either way.
    }
  }
}

/** On disk, not only in the system's cache, when it returns: the rename must not come first. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}
