import { join } from "node:path";
import { download, type DownloadOptions } from "../../src/hub/download.ts";
import type { Hub } from "../../src/hub/hub.ts";
import { HubCache } from "../../src/hub/hub_cache.ts";
import { hubRepository } from "../../src/hub/repository.ts";
import type { RemoteFile } from "../../src/hub/repository.ts";
import { bytesOf, type Fault, type StandIn } from "./stand_in.ts";

/** A large file. */
export const WEIGHTS = bytesOf(1000, 1);
/** A small one. */
export const CONFIG = bytesOf(50, 2);
/** The repository that holds them. */
export const REPOSITORY = {
  "ada/dogs": { main: { "weights.pb": WEIGHTS, "config.json": CONFIG } },
};
/** Ten chunks. */
const CHUNK = 100;

/** Downloads a file of {@link REPOSITORY} and gives its content. */
export async function fetchFile(
  site: StandIn,
  path = "weights.pb",
  options: DownloadOptions & Partial<Hub> & { promised?: Partial<RemoteFile> } = {},
): Promise<Uint8Array> {
  const hub = { ...site.hub, ...options };
  const repository = hubRepository(site.hub, "ada/dogs", "main");
  const commit = await repository.commit();
  const file = (await repository.list(commit)).find((file) => file.path === path)!;
  const cache = new HubCache(hub.cacheFolder, repository.name);
  const url = repository.url(commit, path);
  const promised = { ...file, ...options.promised };
  const { key } = await download(hub, cache, promised, url, { chunkBytes: CHUNK, ...options });
  return await Deno.readFile(cache.blob(key));
}

/** Names in the cache's `blobs`. */
export async function blobs(site: StandIn): Promise<string[]> {
  const folder = join(site.hub.cacheFolder, "models--ada--dogs", "blobs");
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

/** Ranges that the CDN was asked for. */
export function ranges(site: StandIn): string[] {
  return site.requests.filter(({ host }) => host === "cdn")
    .map(({ headers }) => headers.get("range")!.replace("bytes=", "")).sort();
}

/** Lets the n-th requests for content, counted from 1, fail as told. */
export function onContent(n: number[], fault: Fault): Fault {
  let count = 0;
  return (seen, answer) => {
    const content = seen.host === "cdn" && seen.method === "GET";
    return content && n.includes(++count) ? fault(seen, answer) : undefined;
  };
}

/** All requests. */
export const EVERY = Array.from({ length: 1000 }, (_, i) => i + 1);
/** An answer of nothing but a status and headers. */
export const status = (code: number, headers: HeadersInit = {}) => () =>
  new Response(null, { status: code, headers });
