import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { fileError, statIfThere } from "../files/file_error.ts";
import { type ContentHash, hashFile } from "./content_hash.ts";
import { fetchPart } from "./fetch_part.ts";
import { lockFile } from "./file_lock.ts";
import type { Hub } from "./hub.ts";
import { type HubCache, makeFolder } from "./hub_cache.ts";
import { chunkBytesFor, PartFile } from "./part_file.ts";
import type { RemoteFile } from "./repository.ts";
import { locate, type Location } from "./request.ts";
import { type OnRetry, withRetries } from "./retry.ts";

/** Options of {@link download}. */
export interface DownloadOptions {
  /** Requests at a time; the default is 4. */
  readonly connections?: number | undefined;
  /** Length of a chunk; the default is that of {@link chunkBytesFor}. */
  readonly chunkBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Is told how many bytes of the file have arrived. */
  readonly onBytes?: ((received: number) => void) | undefined;
  /** Is told that all bytes have arrived, and the hash is being computed. */
  readonly onCheck?: (() => void) | undefined;
  /** Is told once if another process downloads the file, which this one waits for. */
  readonly onWait?: (() => void) | undefined;
  readonly onRetry?: OnRetry | undefined;
}

/** A file in the cache. */
export interface CachedFile {
  /** Name in the cache's `blobs`. */
  readonly key: string;
  /** Hash of the content, verified if the server told it, else computed. */
  readonly hash: ContentHash;
  /** Whether this call downloaded it. */
  readonly fresh: boolean;
}

/**
 * Downloads a file into the cache's `blobs`. The file gets its name once it is whole and has the hash
 * that the hub tells; until then it is a {@link PartFile}, which the next call continues in any
 * process. Of two processes one downloads, and the other waits.
 *
 * @param url Address of the file.
 * @throws {UserError} The server refuses the file, it is not the one promised, or it cannot be written.
 */
export async function download(
  hub: Hub,
  cache: HubCache,
  file: RemoteFile,
  url: URL,
  options: DownloadOptions = {},
): Promise<CachedFile> {
  const { signal, onRetry } = options;
  const { clock } = hub;
  const failed = `Cannot download "${file.path}"`;
  const find = finder(hub, file, url, failed, signal);
  const { hash, etag }: Partial<Location> = file.hash
    ? { hash: file.hash }
    : await withRetries(failed, find, { clock, signal, onRetry });
  const identity = hash?.hex ?? `${url} ${etag}`;
  const key = hash?.hex ?? createHash("sha256").update(identity).digest("hex");

  using _lock = await lockFile(cache.lock(key), { clock, signal, onWait: options.onWait });
  const blob = cache.blob(key);
  const there = await statIfThere(blob, "make the cache folder readable");
  if (there?.size === file.bytes) {
    return { key, hash: hash ?? await sha256(blob, options), fresh: false };
  }
  await makeFolder(dirname(blob));
  const { chunkBytes = chunkBytesFor(file.bytes), connections = 4 } = options;
  for (;;) {
    const part = await PartFile.open(cache.part(key), { bytes: file.bytes, chunkBytes, identity });
    try {
      using _part = part;
      options.onBytes?.(part.map.received);
      await fetchPart(part, { ...options, hub, failed, locate: find, connections });
    } catch (cause) {
      signal?.throwIfAborted();
      throw fileError(failed, cause, "give another HF_HUB_CACHE, or make room");
    }
    const found = hash
      ? { ...hash, hex: await check(part.path, hash.algorithm, options) }
      : await sha256(part.path, options);
    if (!hash || found.hex === hash.hex) {
      await keep(part, blob, failed);
      return { key, hash: found, fresh: true };
    }
    await part.remove();
    // The bytes of an earlier process may have been damaged when its machine died.
    if (part.resumed) continue;
    throw new UserError(
      `${failed}: the download is damaged: its hash is not the one that ${url.host} gives`,
      "try again; if it happens again, the server or a proxy is at fault",
    );
  }
}

/**
 * Creates a function that asks where the file is, and checks each time that it is still the same. Where
 * the list tells the hash, only the length is compared: a mirror's ETag may be another digest, and the
 * bytes decide.
 */
function finder(
  hub: Hub,
  { bytes, hash }: RemoteFile,
  url: URL,
  failed: string,
  signal: AbortSignal | undefined,
): () => Promise<Location> {
  let before: Location = { url, bytes, ...(hash && { hash }) };
  return async () => {
    const now = await locate(hub, url, failed, signal);
    const changed = <T>(a: T | undefined, b: T | undefined) => a && b && a !== b;
    if (
      changed(before.bytes, now.bytes) ||
      !hash && (changed(before.hash?.hex, now.hash?.hex) ||
          !before.hash && changed(before.etag, now.etag))
    ) {
      throw new UserError(
        `${failed}: ${url.host} describes another file than before`,
        "try again later",
      );
    }
    before = { ...now, ...before };
    return now;
  };
}

async function sha256(path: string, options: DownloadOptions): Promise<ContentHash> {
  return { algorithm: "sha256", hex: await check(path, "sha256", options) };
}

async function check(
  path: string,
  algorithm: ContentHash["algorithm"],
  { onCheck, signal }: DownloadOptions,
): Promise<string> {
  onCheck?.();
  return await hashFile(path, algorithm, { signal });
}

/** Renames a file once it is on the disk itself, since its name must never stand for half a file. */
async function keep(part: PartFile, blob: string, failed: string): Promise<void> {
  try {
    {
      using file = await Deno.open(part.path, { write: true });
      await file.sync();
    }
    await Deno.rename(part.path, blob);
    await part.remove();
  } catch (cause) {
    throw fileError(failed, cause, "make the cache folder writable");
  }
}
