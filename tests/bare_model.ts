import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyFolder, temporaryFolder } from "./cli/run.ts";

const EMBEDDED = fileURLToPath(new URL("../models/emoji/", import.meta.url));
const COMPANIONS = ["clip", "depth"];

/** A folder with the embedded model, without a CLIP and a depth network of its own. */
export async function bareModel(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await copyBareModel(folder.path);
  return folder;
}

/** Copies the embedded model without the two into a folder. */
export async function copyBareModel(folder: string) {
  await copyFolder(EMBEDDED, folder);
  for (const name of COMPANIONS) await Deno.remove(join(folder, name), { recursive: true });
}
