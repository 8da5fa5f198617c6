import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { statIfThere } from "../files/file_error.ts";
import type { HubCache } from "./hub_cache.ts";

/** A file in a commit's folder. */
export interface SnapshotFile {
  readonly commit: string;
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Where it lies. */
  readonly location: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** Where its content lies, if that is elsewhere. */
  readonly blob?: string;
}

/** All that lies in a repository's cache. */
export interface CacheContents {
  /** Commits of branches and tags, by their name. */
  readonly refs: ReadonlyMap<string, string>;
  readonly files: readonly SnapshotFile[];
  /** Names in `blobs` of what has not arrived whole: parts and their maps. */
  readonly parts: readonly string[];
  /** Commits whose files this project has listed. */
  readonly listings: readonly string[];
}

const HINT = "make the cache folder readable, or give another HF_HUB_CACHE";

/**
 * Looks at all that lies in a repository's cache. @throws {UserError} If it may not be read.
 *
 * @example
 * ```ts
 * import { cacheContents } from "./cache_contents.ts";
 * import { HubCache } from "./hub_cache.ts";
 *
 * const { files } = await cacheContents(new HubCache("no-such-folder", "ada/dogs"));
 * console.assert(files.length === 0);
 * ```
 */
export async function cacheContents(cache: HubCache): Promise<CacheContents> {
  const refs = new Map<string, string>();
  for (const path of await filesBelow(join(cache.folder, "refs"))) {
    const commit = (await Deno.readTextFile(join(cache.folder, "refs", path))).trim();
    refs.set(path, commit);
  }
  const files: SnapshotFile[] = [];
  for (const commit of await namesIn(join(cache.folder, "snapshots"))) {
    for (const path of await filesBelow(cache.snapshot(commit))) {
      const location = join(cache.snapshot(commit), path);
      const info = await statIfThere(location, HINT);
      if (!info?.isFile) continue;
      const target = await Deno.readLink(location).catch(() => undefined);
      const blob = target === undefined ? undefined : resolve(join(location, ".."), target);
      files.push({ commit, path, location, bytes: info.size, ...(blob && { blob }) });
    }
  }
  const blobs = await namesIn(join(cache.folder, "blobs"));
  const listings = await namesIn(join(cache.folder, ".peekaboo"));
  return {
    refs,
    files,
    parts: blobs.filter((name) => /\.part(\.map)?$/.test(name)),
    listings: listings.map((name) => basename(name, ".json")),
  };
}

/** Names in a folder, sorted; none if there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  if (!(await statIfThere(folder, HINT))?.isDirectory) return [];
  return (await readdir(folder)).sort();
}

/** Paths of what is not a folder below a folder, with `/`, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  if (!(await statIfThere(folder, HINT))?.isDirectory) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll("\\", "/"))
    .sort();
}
