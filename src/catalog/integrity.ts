import { createHash } from "node:crypto";
import type { ManifestFile } from "./manifest.ts";

/**
 * How some content differs from what a manifest promises, in words; nothing if it does not.
 *
 * @example
 * ```ts
 * import { difference } from "./integrity.ts";
 *
 * const expected = { path: "x", bytes: 3, sha256: "" };
 * console.assert(difference(new Uint8Array(2), expected) === "2 bytes instead of 3");
 * ```
 */
export function difference(content: Uint8Array, expected: ManifestFile): string | undefined {
  if (content.length !== expected.bytes) {
    return `${content.length} bytes instead of ${expected.bytes}`;
  }
  // In Deno, `node:crypto` hashes several times faster than `crypto.subtle`.
  const sha256 = createHash("sha256").update(content).digest("hex");
  return sha256 === expected.sha256 ? undefined : "its SHA-256 is not the expected one";
}

/**
 * One SHA-256 for a whole model: that of the lines `<sha256>  <path>` of its files, sorted by path;
 * what `sha256sum` prints for them, hashed once more.
 *
 * @example
 * ```ts
 * import { modelDigest } from "./integrity.ts";
 * import { KNOWN_MODELS } from "./known_models.ts";
 *
 * console.assert(modelDigest(KNOWN_MODELS[0].files).length === 64);
 * ```
 */
export function modelDigest(files: readonly ManifestFile[]): string {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  const hash = createHash("sha256");
  for (const { sha256, path } of sorted) hash.update(`${sha256}  ${path}\n`);
  return hash.digest("hex");
}
