import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";
import { busyError, isBusy, networkError } from "../hub/request_error.ts";
import { type Clock, SYSTEM_CLOCK, withRetries } from "../hub/retry.ts";
import { difference } from "./integrity.ts";
import type { ManifestFile } from "./manifest.ts";

/** Options of reading the project's own files where they do not lie on disk. */
export interface AssetOptions {
  /** Function that makes requests; the default is the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Folder that keeps downloads; without one, they are not kept. The folder is made when needed. If it
   * cannot be made, read or written, downloads are not kept either.
   */
  readonly cacheFolder?: string | undefined;
  /** Is told, in one line, that `cacheFolder` could not keep a download. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Is told before each new attempt why the last one failed, and how many milliseconds it waits. */
  readonly onRetry?: ((reason: string, wait: number) => void) | undefined;
  /**
   * For waiting and trying again; by default the machine's clock.
   *
   * @internal
   */
  readonly clock?: Clock | undefined;
  /** Stops a download. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file of the project from the place that its code was loaded from: the disk or the inside of
 * an executable (`file:`), else the network (`http:`, `https:`). Downloads are kept in the cache folder
 * under their SHA-256. A server that is busy, or limits requests (429) as hosts of raw files do, is
 * asked again after the wait that it names. The result always has the expected content: a file in the
 * cache that is damaged or cannot be read is downloaded again.
 *
 * @param url Address of the file, resolved against `import.meta.url`.
 * @param expected Length and SHA-256 of the content.
 * @throws {UserError} The file is missing, damaged or cannot be downloaded. Nothing incomplete is left
 * behind.
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

/** Reads a file of the cache; gives nothing if it is missing, or the file system refuses. */
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
      const response = await request(url, { ...(signal && { signal }) });
      if (response.ok) return await response.bytes();
      await response.body?.cancel();
      if (isBusy(response)) throw busyError(response, clock);
      throw new UserError(`${failed}: the server answered ${response.status}`, hint);
    } catch (cause) {
      signal?.throwIfAborted();
      throw fileError(failed, networkError(cause), hint);
    }
  };
  const besides = "or use a copy of Peekaboo on disk";
  const bytes = await withRetries(failed, attempt, { clock, signal, onRetry, besides });
  const problem = difference(bytes, expected);
  if (problem) throw new UserError(`${failed}: the download is damaged: ${problem}`, hint);
  return bytes;
}

/** Keeps a download; where it cannot, it warns, since the caller has the bytes already. */
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
