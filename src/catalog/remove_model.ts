import { dirname, join } from "node:path";
import { fileError } from "../files/file_error.ts";
import { cacheContents, namesIn } from "../hub/cache_contents.ts";
import { tryLockFile } from "../hub/file_lock.ts";
import type { HubCache } from "../hub/hub_cache.ts";
import { installedAt, type RemoteModel } from "./remote_model.ts";

/** The files that {@link removeModel} removes. */
export interface Removal {
  /** Paths of the model's files. */
  readonly files: readonly string[];
  /** Number of bytes that this frees; contents that another commit uses stay. */
  readonly bytes: number;
}

/**
 * Removes a model from the cache: its files at its revision with their contents, and unfinished
 * downloads. It keeps the repository's other files, contents that other commits use, and files that
 * another process is downloading.
 *
 * @param dryRun Whether nothing is removed, and the result tells what would be.
 * @throws {UserError} The file system refuses.
 */
export async function removeModel(
  model: RemoteModel,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Removal> {
  const { cache, repository, has } = model;
  const { refs, files, parts, listings } = await cacheContents(cache);
  const gone = await unfinishedCommits(model, refs, listings);
  const current = await cache.commitOf(repository.revision);
  if (current !== undefined) gone.add(current);

  const removed = files.filter(({ commit, path }) => gone.has(commit) && has(path));
  const kept = files.filter((file) => !removed.includes(file));
  const used = new Set(kept.map(({ blob }) => blob));
  const contents = new Map(
    removed.filter(({ blob }) => blob === undefined || !used.has(blob))
      .map(({ blob, location, bytes }) => [blob ?? location, bytes]),
  );
  let freed = [...contents.values()].reduce((sum, length) => sum + length, 0);
  for (const name of parts) {
    using lock = await tryLockFile(cache.lock(name.replace(/\.part(\.map)?$/, "")));
    if (!lock) continue;
    freed += await allocated(cache.blob(name));
    if (!dryRun) await remove(cache.blob(name));
  }
  if (!dryRun) {
    const links = removed.map(({ location }) => location);
    for (const path of new Set([...links, ...contents.keys()])) await remove(path);
    await tidy(cache, refs, gone);
  }
  return { files: [...new Set(removed.map(({ path }) => path))].sort(), bytes: freed };
}

/** Finds commits of abandoned downloads: no revision names them, and the model is not whole there. */
async function unfinishedCommits(
  model: RemoteModel,
  refs: ReadonlyMap<string, string>,
  listings: readonly string[],
): Promise<Set<string>> {
  const named = new Set(refs.values());
  const unfinished = new Set<string>();
  for (const commit of listings) {
    if (named.has(commit)) continue;
    if ((await installedAt(model, commit)).missing.length > 0) unfinished.add(commit);
  }
  return unfinished;
}

/** Removes empty folders, and references and lists of commits without files; in the end the cache. */
async function tidy(
  cache: HubCache,
  refs: ReadonlyMap<string, string>,
  commits: ReadonlySet<string>,
): Promise<void> {
  for (const commit of commits) {
    if (!await removeIfEmpty(cache.snapshot(commit))) continue;
    await remove(cache.listing(commit));
    for (const [revision, of] of refs) {
      if (of === commit) await remove(join(cache.folder, "refs", revision));
    }
  }
  const { files, parts } = await cacheContents(cache);
  if (files.length > 0 || parts.length > 0) return;
  await remove(cache.folder);
  await remove(dirname(cache.lock("")));
}

/** Removes empty folders below a folder, then the folder if it is empty. @returns Whether it was. */
async function removeIfEmpty(folder: string): Promise<boolean> {
  let empty = true;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (!(await Deno.lstat(path)).isDirectory || !await removeIfEmpty(path)) empty = false;
  }
  if (empty) await remove(folder);
  return empty;
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((cause) => {
    if (cause instanceof Deno.errors.NotFound) return;
    throw fileError(`Cannot remove "${path}"`, cause, "make the cache folder writable");
  });
}

/** Counts the bytes that a file takes on the disk, where one that is arriving has holes. */
async function allocated(path: string): Promise<number> {
  const { blocks, size } = await Deno.stat(path);
  return blocks === null ? size : 512 * blocks;
}
