import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { fileError, statIfThere } from "../files/file_error.ts";
import { chunkBytesFor } from "./chunk_map.ts";
import { type ContentHash, hashFile } from "./content_hash.ts";
import { fetchPart } from "./fetch_part.ts";
import { lockFile } from "./file_lock.ts";
import type { Hub } from "./hub.ts";
import { type HubCache, makeFolder } from "./hub_cache.ts";
import { locate, type Location } from "./locate.ts";
import { PartFile } from "./part_file.ts";
import type { RemoteFile } from "./repository.ts";
import { withRetries } from "./retry.ts";

/** How to download a file, and who is told about it. */
export interface DownloadOptions {
  /** Requests at a time; 4 unless given. */
  readonly connections?: number;
  /** Length of a chunk; see {@link chunkBytesFor} for the default. */
  readonly chunkBytes?: number;
  readonly signal?: AbortSignal;
  /** Told how many bytes of the file are there. */
  readonly onBytes?: (received: number) => void;
  /** Told that all is there, and its hash is being computed. */
  readonly onCheck?: () => void;
  /** Told once if another process downloads the file: its result is waited for. */
  readonly onWait?: () => void;
  /** Told before each new attempt what went wrong, and how many milliseconds to wait. */
  readonly onRetry?: (reason: string, wait: number) => void;
}

/** A file in the cache. */
export interface CachedFile {
  /** Its name in the cache's `blobs`. */
  readonly key: string;
  /** Hash of the content, verified if the server told it, else computed. */
  readonly hash: ContentHash;
  /** Whether this call downloaded it. */
  readonly fresh: boolean;
}

/**
 * Downloads a file into the cache's `blobs`. It gets its name when it is whole and its hash is the
 * one that the hub tells; until then it is a {@link PartFile}, which the next call continues, in
 * whatever process. Of two processes one downloads, the other waits.
 *
 * @param url Where the file is asked for.
 * @throws {UserError} If the file cannot be had, is not the one promised, or cannot be written.
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
    // What an earlier process left may have suffered with its machine.
    if (part.resumed) continue;
    throw new UserError(
      `${failed}: what arrived is damaged: its hash is not the one that ${url.host} tells`,
      "try again; if it happens again, the server or a proxy is at fault",
    );
  }
}

/** Asks where the file is, and makes sure each time that it is still the same file. */
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
      changed(before.bytes, now.bytes) || changed(before.hash?.hex, now.hash?.hex) ||
      !before.hash && changed(before.etag, now.etag)
    ) {
      throw new UserError(
        `${failed}: ${url.host} tells other facts about it than before`,
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

/** Gives a file its name once it is on the disk itself: a name must never stand for half a file. */
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
