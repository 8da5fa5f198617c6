/**
 * Lists and hashes the files of the embedded models anew, after one has changed, and writes the lists
 * into `models/<id>.json`. The rest of a manifest is written by hand and kept.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { listModelFiles } from "../src/catalog/integrity.ts";
import { isEmbedded } from "../src/catalog/manifest.ts";
import { MODELS } from "../src/catalog/models.ts";

const models = new URL("../models/", import.meta.url);
for (const manifest of MODELS.filter(isEmbedded)) {
  const files = await listModelFiles(fileURLToPath(new URL(manifest.id, models)));
  const text = JSON.stringify({ ...manifest, source: { ...manifest.source, files } }, null, 2) +
    "\n";
  await Deno.writeTextFile(new URL(`${manifest.id}.json`, models), text);
  console.log(`models/${manifest.id}.json: ${files.length} files`);
}
