import * as v from "npm:valibot@1.5.0";
import { dirname, join, relative } from "node:path";
import { UserError } from "../errors.ts";
import { checkJson } from "../files/check_json.ts";
import { fileError, statIfThere } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";
import type { RemoteFile } from "./repository.ts";

/** Makes a symbolic link, or fails where the system has none. */
export type Symlink = (target: string, path: string) => Promise<void>;

const HINT = "make the cache folder writable, or give another HF_HUB_CACHE";

const WHOLE = "a whole number of at least 0";

const LISTING: v.GenericSchema<unknown, RemoteFile[]> = v.array(v.strictObject({
  path: v.string(),
  bytes: v.pipe(v.number(), v.integer(WHOLE), v.minValue(0, WHOLE)),
  hash: v.exactOptional(v.strictObject({
    algorithm: v.picklist(["sha256", "git-sha1"]),
    hex: v.string(),
  })),
}));

/**
 * One repository's part of a cache in the Hugging Face layout:
 *
 * ```text
 * <cache>/models--owner--name/refs/<revision>            its commit at the last download
 * <cache>/models--owner--name/blobs/<hash>               contents
 * <cache>/models--owner--name/snapshots/<commit>/<path>  links to contents
 * <cache>/models--owner--name/.peekaboo/<commit>.json    all files of the commit, as the hub lists them
 * <cache>/.locks/models--owner--name/<hash>.lock         held while a blob arrives
 * ```
 *
 * On systems without symbolic links, `snapshots` holds the contents themselves, as it does for
 * Hugging Face's tools.
 */
export class HubCache {
  /** The repository's folder. */
  readonly folder: string;
  readonly #locks: string;
  readonly #symlink: Symlink;

  /**
   * @param root Folder of the cache; it need not exist.
   * @param name `owner/name`.
   */
  constructor(root: string, name: string, symlink: Symlink = Deno.symlink) {
    const folder = `models--${name.replace("/", "--")}`;
    this.folder = join(root, folder);
    this.#locks = join(root, ".locks", folder);
    this.#symlink = symlink;
  }

  /** Folder of a commit's files, laid out as a model's folder. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** Path of a content. */
  blob(key: string): string {
    return join(this.folder, "blobs", key);
  }

  /** Path of a content that is arriving. */
  part(key: string): string {
    return join(this.folder, "blobs", `${key}.part`);
  }

  /** Path of a content's lock. */
  lock(key: string): string {
    return join(this.#locks, `${key}.lock`);
  }

  /** Path of the list of a commit's files. */
  listing(commit: string): string {
    return join(this.folder, ".peekaboo", `${commit}.json`);
  }

  /** Reads which commit a revision was at its last download; gives nothing without one. */
  async commitOf(revision: string): Promise<string | undefined> {
    const path = join(this.folder, "refs", revision);
    if ((await statIfThere(path, HINT))?.isFile) return (await readText(path)).trim();
    return (await statIfThere(this.snapshot(revision), HINT)) && revision;
  }

  /** Records which commit a revision is; writes nothing if that is recorded already. */
  async setCommit(revision: string, commit: string): Promise<void> {
    if (revision === commit || await this.commitOf(revision) === commit) return;
    const path = join(this.folder, "refs", revision);
    await makeFolder(dirname(path));
    await writeFileAtomic(path, commit);
  }

  /**
   * Checks that a commit's files can be written, before any of them is downloaded.
   *
   * @throws {UserError} The cache is read-only.
   */
  async checkWritable(commit: string): Promise<void> {
    for (const folder of [dirname(this.blob("x")), this.snapshot(commit), this.#locks]) {
      await makeFolder(folder);
      const probe = join(folder, `.${crypto.randomUUID()}.tmp`);
      try {
        await Deno.writeFile(probe, new Uint8Array());
        await Deno.remove(probe);
      } catch (cause) {
        throw fileError(`Cannot write to the cache folder "${folder}"`, cause, HINT);
      }
    }
  }

  /**
   * Makes a commit's file of a blob: a link to the blob or, where the system has no links, the blob
   * itself if it is fresh, else a copy.
   *
   * @param fresh Whether the blob has just arrived, so that no other commit uses it.
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

  /**
   * Reads the list of a commit's files, with the hashes that are known by now. Gives nothing without
   * a list, or with one that cannot be read: it only saves another request.
   */
  async readListing(commit: string): Promise<RemoteFile[] | undefined> {
    try {
      const path = this.listing(commit);
      return checkJson(LISTING, await readText(path), path);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  /** Writes the list that {@link HubCache.readListing} reads, unless it is there already. */
  async writeListing(commit: string, files: readonly RemoteFile[]): Promise<void> {
    const path = this.listing(commit);
    const text = JSON.stringify(files, null, 1) + "\n";
    if (await statIfThere(path, HINT) && await readText(path) === text) return;
    await makeFolder(dirname(path));
    await writeFileAtomic(path, text);
  }
}

/** Reads a text. @throws {UserError} The file system refused, or the file does not exist. */
async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw fileError(`Cannot read "${path}"`, cause, "make the cache folder readable");
  }
}

/** Makes a folder and its parents. @throws {UserError} The file system refused. */
export async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true }).catch((cause) => {
    throw fileError(`Cannot make the folder "${path}"`, cause, HINT);
  });
}
