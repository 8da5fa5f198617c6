import { join } from "node:path";
import { cacheContents, namesIn } from "./cache_contents.ts";
import { PartFile } from "./part_file.ts";
import type { Hub } from "./hub.ts";
import { HubCache } from "./hub_cache.ts";

/** What a repository takes on the disk. */
export interface RepositoryUsage {
  /** `owner/name`. */
  readonly repository: string;
  /** Branches, tags and commits of which there are files. */
  readonly revisions: readonly string[];
  /** Bytes of files that are whole. */
  readonly bytes: number;
  /** Bytes of files that have not arrived whole. */
  readonly partialBytes: number;
  readonly folder: string;
}

/**
 * What is on the disk of the repositories that this project has downloaded from, and of those named.
 * Others in the same cache are none of its business.
 *
 * @param repositories Names to look at in any case, if there is something of them.
 * @throws {UserError} If the cache may not be read.
 *
 * @example
 * ```ts
 * import { diskUsage } from "./disk_usage.ts";
 * import { hubFromEnvironment } from "./hub.ts";
 *
 * const env: Record<string, string> = { HF_HOME: "no-such-folder" };
 * const hub = await hubFromEnvironment((name) => env[name], { cacheFolder: "cache" });
 * console.assert((await diskUsage(hub, [])).length === 0);
 * ```
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
