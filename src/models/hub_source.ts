import { join } from "node:path";
import type { ManifestFile } from "../catalog/manifest.ts";
import { folderSource, type ModelSource } from "./model_source.ts";
import { hashFile } from "../hub/content_hash.ts";
import type { InstalledModel } from "../catalog/installed_model.ts";

/**
 * The files of a model in the cache. Hashes that the hub told, and that the download was checked
 * against, are not computed again: weights are gigabytes.
 *
 * @param id What to call the model in messages.
 */
export function hubSource(id: string, { folder, files }: InstalledModel): ModelSource {
  return {
    ...folderSource(folder),
    label: `Model "${id}"`,
    async files() {
      const hashed: ManifestFile[] = [];
      for (const { path, bytes, hash } of files) {
        const sha256 = hash?.algorithm === "sha256"
          ? hash.hex
          : await hashFile(join(folder, path), "sha256");
        hashed.push({ path, bytes, sha256 });
      }
      return hashed;
    },
  };
}
