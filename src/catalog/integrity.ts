import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileError, statIfThere } from "../files/file_error.ts";
import { hashFile } from "../hub/content_hash.ts";
import type { RemoteFile } from "../hub/repository.ts";
import { inLayout } from "./layout.ts";
import type { ManifestFile } from "./manifest.ts";
import type { InstalledModel } from "./remote_model.ts";

/** Says how a content differs from the one that a manifest lists; gives nothing if they agree. */
export function difference(content: Uint8Array, expected: ManifestFile): string | undefined {
  if (content.length !== expected.bytes) {
    return `${content.length} bytes instead of ${expected.bytes}`;
  }
  // In Deno, `node:crypto` hashes several times faster than `crypto.subtle`.
  const sha256 = createHash("sha256").update(content).digest("hex");
  return sha256 === expected.sha256 ? undefined : "its SHA-256 is not the expected one";
}

/**
 * Computes one SHA-256 for a whole model: that of the lines `<sha256>  <path>` of its files, sorted by
 * path, which are the lines that `sha256sum` prints.
 */
export function modelDigest(files: readonly ManifestFile[]): string {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  const hash = createHash("sha256");
  for (const { sha256, path } of sorted) hash.update(`${sha256}  ${path}\n`);
  return hash.digest("hex");
}

/**
 * Lists and hashes the files of a model's folder, sorted by path.
 *
 * @param belongs Tells which files belong to the model; the default is the diffusers layout.
 */
export async function listModelFiles(
  folder: string,
  belongs: (path: string) => boolean = inLayout,
): Promise<ManifestFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll("\\", "/"))
    .filter(belongs)
    .sort();
  const files: ManifestFile[] = [];
  for (const path of paths) {
    const { size } = await stat(join(folder, path));
    files.push({ path, bytes: size, sha256: await hashFile(join(folder, path), "sha256") });
  }
  return files;
}

/** The state of a model's file; `unknown` if no server has told its hash. */
export interface CheckedFile {
  /** Path inside the model's folder. */
  readonly path: string;
  readonly state: "sound" | "damaged" | "missing" | "unknown";
}

/** Options of {@link checkModel}. */
export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  /** Is told the present file, and how many of the model's bytes are checked. */
  readonly onProgress?: ((path: string, checked: number, bytes: number) => void) | undefined;
}

/**
 * Compares a model's files with the hashes that they had when they were downloaded.
 *
 * @throws {UserError} The file system refuses to read one.
 */
export async function checkModel(
  { folder, files, missing }: Pick<InstalledModel, "folder" | "files" | "missing">,
  { signal, onProgress }: CheckOptions = {},
): Promise<CheckedFile[]> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const checked: CheckedFile[] = missing.map((path) => ({ path, state: "missing" }));
  let done = 0;
  for (const file of files) {
    onProgress?.(file.path, done, bytes);
    checked.push({ path: file.path, state: await stateOf(folder, file, signal) });
    done += file.bytes;
  }
  return checked.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Compares one file with its length and hash. */
export async function stateOf(
  folder: string,
  { path, bytes, hash }: RemoteFile,
  signal?: AbortSignal,
): Promise<CheckedFile["state"]> {
  const location = join(folder, path);
  const info = await statIfThere(location, "make the model's folder readable");
  if (!info) return "missing";
  if (info.size !== bytes) return "damaged";
  if (!hash) return "unknown";
  // A cache that another tool filled from a mirror may name a content by its plain SHA-1.
  const algorithms = hash.algorithm === "git-sha1"
    ? ["git-sha1", "sha1"] as const
    : ["sha256"] as const;
  for (const algorithm of algorithms) {
    const hex = await hashFile(location, algorithm, { signal }).catch((cause) => {
      signal?.throwIfAborted();
      throw fileError(`Cannot read "${location}"`, cause, "make the model's folder readable");
    });
    if (hex === hash.hex) return "sound";
  }
  return "damaged";
}
