import { createHash } from "node:crypto";

/** Hash of a file's content, as the server tells it. */
export interface ContentHash {
  /** `sha256` of the content, or Git's `sha1` of it as a blob (its length comes before it). */
  readonly algorithm: "sha256" | "git-sha1";
  /** Lower-case hexadecimal digits: 64 for sha256, 40 for git-sha1. */
  readonly hex: string;
}

/**
 * Reads a hub's ETag as a hash: of a large file it is the SHA-256, of a small one the SHA-1 of its Git
 * blob. Gives nothing for other servers' ETags, which say nothing about the content.
 *
 * @param etag The header's value: quoted, perhaps with `W/` before it.
 */
export function hashOfEtag(etag: string | null): ContentHash | undefined {
  const hex = etag?.replace(/^W\//, "").replaceAll('"', "").toLowerCase() ?? "";
  if (/^[0-9a-f]{64}$/.test(hex)) return { algorithm: "sha256", hex };
  if (/^[0-9a-f]{40}$/.test(hex)) return { algorithm: "git-sha1", hex };
  return undefined;
}

/** Options of {@link hashFile}. */
export interface HashOptions {
  /** Is told the length of each piece that was read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hashes a file in pieces, since weights may be larger than memory.
 *
 * @returns Hexadecimal digits.
 */
export async function hashFile(
  path: string,
  algorithm: ContentHash["algorithm"] | "sha1",
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
