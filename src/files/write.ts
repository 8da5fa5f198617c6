import { dirname, join } from "node:path";
import { fileError } from "./file_error.ts";

/**
 * Writes a file so that it is either whole or not there: writes a temporary file in the same folder
 * and renames it to `path`. A reader, a full disk or an interruption never sees half a file under
 * that name, and a failure removes the temporary file.
 *
 * @param path Its folder must exist. A file that is already there is replaced.
 * @param bytes The whole content; a string is written as UTF-8.
 * @throws {UserError} The file system refused; the message names `path` and the reason.
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

/** Removes the temporary files of {@link writeFileAtomic}, before a process quits. */
export function discardUnfinished(): void {
  for (const path of unfinished) {
    try {
      Deno.removeSync(path);
    } catch {
      // It was not made yet, or has its name already; the process ends either way.
    }
  }
}

/** Writes a file to the disk itself, since the rename must not get there before the content. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}
