import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { fileError, statIfThere } from "../files/file_error.ts";
import type { Hub } from "./hub.ts";
import { HubCache } from "./hub_cache.ts";
import { PartFile } from "./part_file.ts";

/** A file in a commit's folder. */
export interface SnapshotFile {
  readonly commit: string;
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Path on the disk. */
  readonly location: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** Path of its content, if the file is a link to that. */
  readonly blob?: string;
}

/** The whole content of a repository's cache. */
export interface CacheContents {
  /** Commits of branches and tags, by their name. */
  readonly refs: ReadonlyMap<string, string>;
  readonly files: readonly SnapshotFile[];
  /** Names in `blobs` of files that have not arrived whole, and of their maps. */
  readonly parts: readonly string[];
  /** Commits whose files this project has listed. */
  readonly listings: readonly string[];
}

const HINT = "make the cache folder readable, or give another HF_HUB_CACHE";

/**
 * Lists the whole content of a repository's cache. @throws {UserError} It may not be read.
 */
export async function cacheContents(cache: HubCache): Promise<CacheContents> {
  const refs = new Map<string, string>();
  for (const path of await filesBelow(join(cache.folder, "refs"))) {
    const location = join(cache.folder, "refs", path);
    refs.set(path, (await asked(location, Deno.readTextFile(location))).trim());
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

/** The content of a path in the cache. @throws {UserError} The file system refused. */
async function asked<T>(path: string, content: Promise<T>): Promise<T> {
  return await content.catch((cause) => {
    throw fileError(`Cannot read "${path}"`, cause, HINT);
  });
}

/** Lists the names in a folder, sorted; a folder that does not exist has none. */
export async function namesIn(folder: string): Promise<string[]> {
  if (!(await statIfThere(folder, HINT))?.isDirectory) return [];
  return (await asked(folder, readdir(folder))).sort();
}

/** Lists the paths of files below a folder, with `/`, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  if (!(await statIfThere(folder, HINT))?.isDirectory) return [];
  const listing = readdir(folder, { recursive: true, withFileTypes: true });
  const entries = await asked(folder, listing);
  return entries.filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll("\\", "/"))
    .sort();
}

/** The space that a repository takes on the disk. */
export interface RepositoryUsage {
  /** `owner/name`. */
  readonly repository: string;
  /** Branches, tags and commits that have files. */
  readonly revisions: readonly string[];
  /** Bytes of files that have arrived whole. */
  readonly bytes: number;
  /** Bytes of files that have not arrived whole. */
  readonly partialBytes: number;
  readonly folder: string;
}

/**
 * Measures the repositories that this project has downloaded from, and those named. It leaves out
 * others in the same cache, which belong to other tools.
 *
 * @param repositories Names of repositories to include whoever downloaded them.
 * @throws {UserError} The cache may not be read.
 */
export async function diskUsage(
  hub: Hub,
  repositories: readonly string[],
): Promise<RepositoryUsage[]> {
  const usages: RepositoryUsage[] = [];
  for (const root of [hub.cacheFolder, hub.releasesFolder]) {
    for (const folder of await namesIn(root)) {
      const repository = folder.match(/^models--(.+)$/)?.[1].replace("--", "/");
      if (repository === undefined) continue;
      const cache = new HubCache(root, repository);
      const { refs, files, parts, listings } = await cacheContents(cache);
      if (listings.length === 0 && !repositories.includes(repository)) continue;
      const named = new Set(refs.values());
      const commits = new Set(files.map(({ commit }) => commit));
      const contents = new Map(files.map(({ blob, location, bytes }) => [blob ?? location, bytes]));
      const arriving = parts.filter((name) => name.endsWith(".part"));
      const received = await Promise.all(
        arriving.map((name) => PartFile.received(cache.blob(name))),
      );
      usages.push({
        repository,
        revisions: [...refs.keys(), ...[...commits].filter((commit) => !named.has(commit))],
        bytes: sum(contents.values()),
        partialBytes: sum(received),
        folder: join(root, folder),
      });
    }
  }
  return usages;
}

function sum(lengths: Iterable<number>): number {
  let total = 0;
  for (const length of lengths) total += length;
  return total;
}
