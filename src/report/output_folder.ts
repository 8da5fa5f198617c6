import { dirname, join } from "node:path";
import { fileError } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";

/** A folder that results are written to. */
export interface OutputFolder extends Disposable {
  /** Its path, as given. */
  readonly path: string;
  /** Writes one file whole or not at all; returns its path. */
  write(name: string, content: Uint8Array | string): Promise<string>;
}

/**
 * Opens a folder for results, making it if need be, and makes sure that files can be written there
 * before any work is done for them. A folder that was made and is empty at the end is removed.
 *
 * @throws {UserError} The folder cannot be made or written to.
 *
 * @example
 * ```ts
 * import { openOutputFolder } from "./output_folder.ts";
 *
 * const parent = await Deno.makeTempDir();
 * {
 *   using folder = await openOutputFolder(`${parent}/out`);
 *   console.assert(folder.path === `${parent}/out`);
 * }
 * console.assert([...Deno.readDirSync(parent)].length === 0);
 * await Deno.remove(parent);
 * ```
 */
export async function openOutputFolder(path: string): Promise<OutputFolder> {
  const missing = await missingFolders(path);
  const failed = `Cannot write into the output folder "${path}"`;
  const hint = "choose another folder";
  const removeIfEmpty = () => {
    for (const folder of missing) {
      try {
        Deno.removeSync(folder);
      } catch {
        // It holds something, or is gone, or was never made; its parent may have been.
      }
    }
  };
  try {
    await Deno.mkdir(path, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: path, prefix: ".peekaboo-" }));
  } catch (cause) {
    removeIfEmpty();
    throw fileError(failed, cause, hint);
  }
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      // Another process that shared the folder may have removed it as empty.
      await Deno.mkdir(path, { recursive: true }).catch((cause) => {
        throw fileError(failed, cause, hint);
      });
      await writeFileAtomic(file, content);
      return file;
    },
    [Symbol.dispose]: removeIfEmpty,
  };
}

/** The folders of a path that do not exist yet, innermost first. */
async function missingFolders(path: string): Promise<string[]> {
  if (await Deno.lstat(path).then(() => true, () => false)) return [];
  const parent = dirname(path);
  return parent === path ? [] : [path, ...await missingFolders(parent)];
}
