import { basename, join } from "node:path";
import { statIfThere } from "../files/file_error.ts";
import { cacheContents } from "../hub/cache_contents.ts";
import { hashOfEtag } from "../hub/content_hash.ts";
import { readListing } from "../hub/listing.ts";
import type { RemoteModel } from "./remote_model.ts";
import type { RemoteFile } from "../hub/repository.ts";

const HINT = "make the cache folder readable, or give another HF_HUB_CACHE";

/** A model's files on this machine. */
export interface InstalledModel {
  /** The commit they are of. */
  readonly commit: string;
  /** The model's folder. */
  readonly folder: string;
  /** Those of its files that are there. */
  readonly files: readonly RemoteFile[];
  /** Paths of those that are not, as far as that is known: the model is whole if there are none. */
  readonly missing: readonly string[];
}

/**
 * Finds a model in the cache, without the network; also what other tools have downloaded.
 *
 * @returns Nothing if no file of the revision was ever downloaded.
 * @throws {UserError} If the cache may not be read.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "../hub/hub.ts";
 * import { findInstalled } from "./installed_model.ts";
 * import { remoteModel } from "./remote_model.ts";
 *
 * const env: Record<string, string> = { HF_HOME: "no-such-folder" };
 * const hub = await hubFromEnvironment((name) => env[name], { cacheFolder: "cache" });
 * console.assert(await findInstalled(remoteModel("ada/dogs", hub)) === undefined);
 * ```
 */
export async function findInstalled(model: RemoteModel): Promise<InstalledModel | undefined> {
  const commit = await model.cache.commitOf(model.repository.revision);
  return commit === undefined ? undefined : await installedAt(model, commit);
}

/** The same at a commit. */
export async function installedAt(model: RemoteModel, commit: string): Promise<InstalledModel> {
  const folder = model.cache.snapshot(commit);
  const listed = await readListing(model.cache, commit) ?? await snapshotFiles(model, commit);
  const files: RemoteFile[] = [];
  const missing = model.needed.filter((path) => !listed.some((file) => file.path === path));
  for (const file of listed) {
    if (!model.has(file.path)) continue;
    const there = await statIfThere(join(folder, file.path), HINT);
    if (there?.size === file.bytes) files.push(file);
    else missing.push(file.path);
  }
  return { commit, folder, files, missing };
}

/** Files of a commit that another tool has downloaded; a blob is named by its hash. */
async function snapshotFiles({ cache }: RemoteModel, commit: string): Promise<RemoteFile[]> {
  const { files } = await cacheContents(cache);
  return files.filter((file) => file.commit === commit).map(({ path, bytes, blob }) => {
    const hash = blob === undefined ? undefined : hashOfEtag(basename(blob));
    return { path, bytes, ...(hash && { hash }) };
  });
}
