/**
 * Brings the file lists of the model manifests up to date, after a model's files changed. Everything
 * else in `models/<id>.json` is written by hand and kept.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { KNOWN_MODELS } from "../src/catalog/known_models.ts";
import { listModelFiles } from "../src/catalog/list_files.ts";

const models = new URL("../models/", import.meta.url);
for (const manifest of KNOWN_MODELS) {
  const files = await listModelFiles(fileURLToPath(new URL(manifest.id, models)));
  const text = JSON.stringify({ ...manifest, files }, null, 2) + "\n";
  await Deno.writeTextFile(new URL(`${manifest.id}.json`, models), text);
  console.log(`models/${manifest.id}.json: ${files.length} files`);
}
