import { dirname, join, relative } from "node:path";
import { fileError, statIfThere } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";

/** Makes a symbolic link, or fails where there are none. */
export type Symlink = (target: string, path: string) => Promise<void>;

const HINT = "make the cache folder writable, or give another HF_HUB_CACHE";

/**
 * One repository's part of a cache in the Hugging Face layout:
 *
 * ```text
 * <cache>/models--owner--name/refs/<revision>            the commit it was
 * <cache>/models--owner--name/blobs/<hash>               contents
 * <cache>/models--owner--name/snapshots/<commit>/<path>  links to them
 * <cache>/models--owner--name/.peekaboo/<commit>.json    all files of the commit, as the hub lists them
 * <cache>/.locks/models--owner--name/<hash>.lock         held while a blob arrives
 * ```
 *
 * Without symbolic links, contents lie in `snapshots` themselves, as they do for Hugging Face's tools.
 *
 * @example
 * ```ts
 * import { join } from "node:path";
 * import { HubCache } from "./hub_cache.ts";
 *
 * const cache = new HubCache("hub", "ada/dogs");
 * console.assert(cache.snapshot("c0ffee") === join("hub", "models--ada--dogs", "snapshots", "c0ffee"));
 * ```
 */
export class HubCache {
  /** The repository's folder. */
  readonly folder: string;
  readonly #locks: string;
  readonly #symlink: Symlink;

  /**
   * @param root The cache's folder; need not exist.
   * @param name `owner/name`.
   */
  constructor(root: string, name: string, symlink: Symlink = Deno.symlink) {
    const folder = `models--${name.replace("/", "--")}`;
    this.folder = join(root, folder);
    this.#locks = join(root, ".locks", folder);
    this.#symlink = symlink;
  }

  /** Folder of a commit's files: a model's folder. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** Where a file's content is. */
  blob(key: string): string {
    return join(this.folder, "blobs", key);
  }

  /** Where a file's content arrives. */
  part(key: string): string {
    return join(this.folder, "blobs", `${key}.part`);
  }

  /** Lock of a blob. */
  lock(key: string): string {
    return join(this.#locks, `${key}.lock`);
  }

  /** Where the list of a commit's files is. */
  listing(commit: string): string {
    return join(this.folder, ".peekaboo", `${commit}.json`);
  }

  /** The commit that a revision was when it was last downloaded; nothing if it never was. */
  async commitOf(revision: string): Promise<string | undefined> {
    const path = join(this.folder, "refs", revision);
    if ((await statIfThere(path, HINT))?.isFile) return (await Deno.readTextFile(path)).trim();
    return (await statIfThere(this.snapshot(revision), HINT)) && revision;
  }

  /** Remembers what commit a revision is. */
  async setCommit(revision: string, commit: string): Promise<void> {
    if (revision === commit) return;
    const path = join(this.folder, "refs", revision);
    await makeFolder(dirname(path));
    await writeFileAtomic(path, commit);
  }

  /**
   * Makes a commit's file of a blob: a link to it or, without links, the blob itself if it is fresh,
   * else a copy.
   *
   * @param fresh Whether the blob has just arrived, so that nothing else uses it.
   */
  async place(commit: string, path: string, key: string, fresh: boolean): Promise<void> {
    const destination = join(this.snapshot(commit), ...path.split("/"));
    const temporary = `${destination}.${crypto.randomUUID()}.tmp`;
    await makeFolder(dirname(destination));
    try {
      try {
        await this.#symlink(relative(dirname(destination), this.blob(key)), temporary);
      } catch {
        if (fresh) await Deno.rename(this.blob(key), temporary);
        else await Deno.copyFile(this.blob(key), temporary);
      }
      await Deno.rename(temporary, destination);
    } catch (cause) {
      throw fileError(`Cannot write "${destination}"`, cause, HINT);
    }
  }
}

/** Makes a folder and its parents. @throws {UserError} The file system refused. */
export async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true }).catch((cause) => {
    throw fileError(`Cannot make the folder "${path}"`, cause, HINT);
  });
}
