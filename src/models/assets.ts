import { dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { fileError } from "../files/file_error.ts";
import { writeFileAtomic } from "../files/write.ts";
import { difference } from "./integrity.ts";
import type { ManifestFile } from "./manifest.ts";
import { networkReason } from "./network_reason.ts";

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
  /** Stops a download. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a file that belongs to the project, wherever its code was loaded from: from disk or the
 * inside of an executable (`file:`), else over the network (`http:`, `https:`), once: downloads are
 * kept in the cache folder under their SHA-256. What is returned always has the expected content; a
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
  { fetch: request = fetch, cacheFolder, onWarning, signal }: AssetOptions = {},
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
  const cached = cacheFolder && join(cacheFolder, "models", expected.sha256);
  if (cached) {
    const bytes = await readCached(cached);
    if (bytes && !difference(bytes, expected)) return bytes;
  }
  const bytes = await download(url, expected, request, signal);
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
  request: typeof fetch,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const failed = `Cannot download "${url.href}"`;
  const hint = "check the network connection, or use a copy of Peekaboo on disk";
  let bytes;
  try {
    const response = await request(url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new UserError(`${failed}: the server answered ${response.status}`, hint);
    }
    bytes = await response.bytes();
  } catch (cause) {
    signal?.throwIfAborted();
    // `fetch` reports whatever goes wrong on the network as a TypeError.
    if (!(cause instanceof TypeError)) throw fileError(failed, cause, hint);
    throw new UserError(`${failed}: ${networkReason(cause)}`, hint, { cause });
  }
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
