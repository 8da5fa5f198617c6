import { join } from "node:path";
import { embeddedFolder } from "../src/models/embedded_folder.ts";
import { KNOWN_MODELS } from "../src/catalog/known_models.ts";
import { temporaryFolder } from "./cli/run.ts";

const [{ id, files }] = KNOWN_MODELS;

/** Writes a folder with the embedded model, but without its CLIP and depth network. */
export async function bareModel(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await copyBareModel(folder.path);
  return folder;
}

/** Copies the embedded model without the two into a folder. */
export async function copyBareModel(folder: string) {
  for (const { path } of files) {
    if (/^(clip|depth)\//.test(path)) continue;
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.copyFile(join(embeddedFolder(id), path), join(folder, path));
  }
}
