import { basename, dirname, extname, join } from "node:path";
import { fileError } from "../files/file_error.ts";
import { shorten } from "../files/slug.ts";
import { writeFileAtomic } from "../files/write.ts";
import { marked } from "./own_files.ts";

/** A folder for results. */
export interface OutputFolder extends Disposable {
  /** The folder's path, as given. */
  readonly path: string;
  /** Writes a file completely or not at all, with the program's name in it, and returns its path. */
  write(name: string, content: Uint8Array | string): Promise<string>;
}

/**
 * Opens a folder for results, creates it if it does not exist, and checks that files can be written
 * to it. Disposing removes a created folder that is still empty.
 *
 * @param names The only files that may be written, which {@link checkOwnFiles} looked for.
 * @throws {UserError} If the folder cannot be created or written to.
 */
export async function openOutputFolder(
  path: string,
  names: readonly string[],
): Promise<OutputFolder> {
  const missing = await missingFolders(path);
  const failed = `Cannot write into the output folder "${path}"`;
  const hint = "choose another folder";
  const removeIfEmpty = () => {
    for (const folder of missing) {
      try {
        Deno.removeSync(folder);
      } catch {
        // This folder is not empty or does not exist. Its parent may have been created all the same.
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
      if (!names.includes(name)) throw new Error(`${name} is not announced`);
      const file = join(path, name);
      // Another process with the same folder may have removed it, because it was empty.
      await Deno.mkdir(path, { recursive: true }).catch((cause) => {
        throw fileError(failed, cause, hint);
      });
      await writeFileAtomic(file, marked(name, content));
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

/**
 * Most UTF-8 bytes of an image's name within its results' names. Systems allow 255 bytes for
 * `<stem>.<prompt>.overlay.png`, of which the prompt takes up to 80, and a few for a number if two
 * prompts are alike.
 */
const MAX_BYTES = 150;

/**
 * The start of the names of an image's results: its file name without the extension. A name of more
 * than 150 bytes is cut at a whole character and ends in a hash. The same path always gives the same
 * stem.
 */
export function fileStem(path: string): string {
  return shorten(basename(path, extname(path)), MAX_BYTES);
}
