import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { ManifestFile } from "./manifest.ts";

/** Folders of a diffusers model that belong to it as this project uses it. */
const PARTS = [
  "text_encoder",
  "tokenizer",
  "unet",
  "scheduler",
  "vae",
  "vae_encoder",
  "vae_decoder",
];

/**
 * Lists and hashes the files of a model's folder, sorted by path: `model_index.json` and its parts;
 * read-me files, safety checkers and the like are left out.
 *
 * @param folder In the diffusers layout.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { listModelFiles } from "./list_files.ts";
 *
 * const folder = fileURLToPath(new URL("../../models/emoji-64", import.meta.url));
 * const [first] = await listModelFiles(folder);
 * console.assert(first.path === "model_index.json");
 * ```
 */
export async function listModelFiles(folder: string): Promise<ManifestFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll("\\", "/"))
    .filter((path) => path === "model_index.json" || PARTS.includes(path.split("/")[0]))
    .sort();
  const files: ManifestFile[] = [];
  for (const path of paths) files.push({ path, ...await hashFile(join(folder, path)) });
  return files;
}

/** Hashed in pieces: weights may be larger than memory. */
async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of file.readable) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
