import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";
import { busyError, isBusy } from "../hub/answer_error.ts";
import { type Clock, SYSTEM_CLOCK } from "../hub/clock.ts";
import { TransientError, withRetries } from "../hub/retry.ts";
import { difference } from "./integrity.ts";
import type { ManifestFile } from "./manifest.ts";
import { networkReason } from "../hub/network_reason.ts";

/** Where assets that do not lie on disk come from and go to. */
export interface AssetOptions {
  /** How to download; the global `fetch` unless given. */
  readonly fetch?: typeof fetch;
  /**
   * Folder that keeps downloads; without one, they are not kept. It is made when needed; if it
   * cannot be, or not be read or written, all works as without one.
   */
  readonly cacheFolder?: string;
  /** Told, in one line, that `cacheFolder` could not keep a download. */
  readonly onWarning?: (message: string) => void;
  /** Told before each new attempt what went wrong, and how many milliseconds to wait. */
  readonly onRetry?: ((reason: string, wait: number) => void) | undefined;
  /**
   * For waiting and trying again; by default the machine's clock.
   *
   * @internal
   */
  readonly clock?: Clock;
  /** Stops a download. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a file that belongs to the project, wherever its code was loaded from: from disk or the
 * inside of an executable (`file:`), else over the network (`http:`, `https:`), once: downloads are
 * kept in the cache folder under their SHA-256. A server that is busy, or wants fewer requests (429), is
 * asked again after as long as it says; hosts of raw files limit requests. What is returned always has the expected content; a
 * file in the cache that is damaged or cannot be read is fetched again.
 *
 * @param url Of the file; resolve it against `import.meta.url`.
 * @param expected Length and SHA-256 of the content.
 * @throws {UserError} If the file is missing, damaged or cannot be fetched. Nothing incomplete is
 * left behind.
 *
 * @example
 * ```ts
 * import { readAsset } from "./assets.ts";
 * import { KNOWN_MODELS } from "./known_models.ts";
 *
 * const { id, files } = KNOWN_MODELS[0];
 * const file = files.find(({ path }) => path === "model_index.json")!;
 * const url = new URL(`../../models/${id}/${file.path}`, import.meta.url);
 * console.assert((await readAsset(url, file)).length === file.bytes);
 * ```
 */
export async function readAsset(
  url: URL,
  expected: ManifestFile,
  options: AssetOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const bytes = await Deno.readFile(url).catch((cause) => {
      throw fileError(`Cannot read model file "${expected.path}"`, cause, "install Peekaboo again");
    });
    const problem = difference(bytes, expected);
    if (!problem) return bytes;
    throw new UserError(
      `Model file "${expected.path}" is damaged: ${problem}`,
      "install Peekaboo again; after changing a model, run tasks/manifest.ts",
    );
  }
  const { cacheFolder, onWarning } = options;
  const cached = cacheFolder && join(cacheFolder, "models", expected.sha256);
  if (cached) {
    const bytes = await readCached(cached);
    if (bytes && !difference(bytes, expected)) return bytes;
  }
  const bytes = await download(url, expected, options);
  if (cached) await keep(cached, bytes, onWarning);
  return bytes;
}

/** A file of the cache; nothing if it is not there, or the file system refuses to read it. */
async function readCached(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const refusal = fileError(`Cannot read "${path}"`, cause, "");
    if (refusal instanceof UserError) return undefined;
    throw refusal;
  }
}

async function download(
  url: URL,
  expected: ManifestFile,
  { fetch: request = fetch, clock = SYSTEM_CLOCK, onRetry, signal }: AssetOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const failed = `Cannot download "${url.href}"`;
  const hint = "check the network connection, or use a copy of Peekaboo on disk";
  const attempt = async () => {
    try {
      const response = await request(url, { signal });
      if (response.ok) return await response.bytes();
      await response.body?.cancel();
      if (isBusy(response)) throw busyError(response, clock);
      throw new UserError(`${failed}: the server answered ${response.status}`, hint);
    } catch (cause) {
      signal?.throwIfAborted();
      // `fetch` reports whatever goes wrong on the network as a TypeError.
      if (cause instanceof TypeError) throw new TransientError(networkReason(cause), { cause });
      throw fileError(failed, cause, hint);
    }
  };
  const besides = "or use a copy of Peekaboo on disk";
  const bytes = await withRetries(failed, attempt, { clock, signal, onRetry, besides });
  const problem = difference(bytes, expected);
  if (problem) throw new UserError(`${failed}: what arrived is damaged: ${problem}`, hint);
  return bytes;
}

/** Keeps a download if it can: what was asked for is in memory already. */
async function keep(path: string, bytes: Uint8Array, warn?: (message: string) => void) {
  const folder = dirname(path);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await writeFileAtomic(path, bytes);
  } catch (error) {
    const cause = error instanceof UserError ? error.cause : error;
    const refusal = fileError(`Cannot keep downloads in "${folder}"`, cause, "");
    if (!(refusal instanceof UserError)) throw refusal;
    warn?.(`${refusal.message}; give another cache folder, e.g. by setting XDG_CACHE_HOME`);
  }
}
