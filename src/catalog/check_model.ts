import { join } from "node:path";
import { statIfThere } from "../files/file_error.ts";
import { hashFile } from "../hub/content_hash.ts";
import type { InstalledModel } from "./installed_model.ts";
import type { RemoteFile } from "../hub/repository.ts";

/** What became of a file of a model. `unknown` is one whose hash nobody has told. */
export interface CheckedFile {
  /** Path inside the model's folder. */
  readonly path: string;
  readonly state: "sound" | "damaged" | "missing" | "unknown";
}

/** How to watch and stop {@link checkModel}. */
export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Told the file at hand, and how many of the model's bytes are checked. */
  readonly onProgress?: (path: string, checked: number, bytes: number) => void;
}

const HINT = "make the model's folder readable";

/**
 * Compares a model's files with the hashes they had when they were downloaded.
 *
 * @throws {UserError} If the file system refuses to read one.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { checkModel } from "./check_model.ts";
 *
 * const folder = fileURLToPath(new URL("../../models/emoji", import.meta.url));
 * const hash = { algorithm: "sha256", hex: "0".repeat(64) } as const;
 * const files = [{ path: "model_index.json", bytes: 384, hash }];
 * const [{ state }] = await checkModel({ folder, files, missing: [] });
 * console.assert(state === "damaged");
 * ```
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
  const info = await statIfThere(location, HINT);
  if (!info) return "missing";
  if (info.size !== bytes) return "damaged";
  if (!hash) return "unknown";
  const hex = await hashFile(location, hash.algorithm, { signal });
  return hex === hash.hex ? "sound" : "damaged";
}
