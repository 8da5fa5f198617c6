import { createHash } from "node:crypto";

/** What tells that a file arrived as the server has it. */
export interface ContentHash {
  /** `sha256` of the content, or Git's `sha1` of it as a blob (with its length before it). */
  readonly algorithm: "sha256" | "git-sha1";
  /** Lower-case hexadecimal digits: 64 of sha256, 40 of git-sha1. */
  readonly hex: string;
}

/**
 * The hash that a hub's ETag is: a large file's is its SHA-256, a small one's the SHA-1 of its Git
 * blob. Other servers' ETags say nothing about the content.
 *
 * @param etag As in the header: quoted, perhaps with `W/` before it.
 *
 * @example
 * ```ts
 * import { hashOfEtag } from "./content_hash.ts";
 *
 * console.assert(hashOfEtag(`W/"${"0".repeat(40)}"`)?.algorithm === "git-sha1");
 * console.assert(hashOfEtag('"0x8D9"') === undefined);
 * ```
 */
export function hashOfEtag(etag: string | null): ContentHash | undefined {
  const hex = etag?.replace(/^W\//, "").replaceAll('"', "").toLowerCase() ?? "";
  if (/^[0-9a-f]{64}$/.test(hex)) return { algorithm: "sha256", hex };
  if (/^[0-9a-f]{40}$/.test(hex)) return { algorithm: "git-sha1", hex };
  return undefined;
}

/** How to watch and stop {@link hashFile}. */
export interface HashOptions {
  /** Told the length of each piece that was read. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Hashes a file in pieces: weights may be larger than memory.
 *
 * @returns Hexadecimal digits.
 *
 * @example
 * ```ts
 * import { hashFile } from "./content_hash.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "hello\n");
 * const hex = await hashFile(path, "git-sha1"); // as `git hash-object` says
 * console.assert(hex === "ce013625030ba8dba906f756967f9e9ca394464a");
 * await Deno.remove(path);
 * ```
 */
export async function hashFile(
  path: string,
  algorithm: ContentHash["algorithm"],
  { onBytes, signal }: HashOptions = {},
): Promise<string> {
  using file = await Deno.open(path);
  // In Deno, `node:crypto` hashes several times faster than `crypto.subtle`, and in pieces.
  const hash = createHash(algorithm === "sha256" ? "sha256" : "sha1");
  if (algorithm === "git-sha1") hash.update(`blob ${(await file.stat()).size}\0`);
  const piece = new Uint8Array(1 << 20);
  for (let read; (read = await file.read(piece)) !== null;) {
    signal?.throwIfAborted();
    hash.update(piece.subarray(0, read));
    onBytes?.(read);
  }
  return hash.digest("hex");
}
