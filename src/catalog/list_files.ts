import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { hashFile } from "../hub/content_hash.ts";
import { inLayout } from "./layout.ts";
import type { ManifestFile } from "./manifest.ts";

/**
 * Lists and hashes the files of a model's folder, sorted by path: `model_index.json` and its parts;
 * read-me files, safety checkers and the like are left out.
 *
 * @param folder In the diffusers layout.
 * @param belongs Which of its files count, where it is in another layout.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { listModelFiles } from "./list_files.ts";
 *
 * const folder = fileURLToPath(new URL("../../models/emoji", import.meta.url));
 * const [first] = await listModelFiles(folder);
 * console.assert(first.path === "clip/config.json");
 * ```
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
