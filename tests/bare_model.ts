import { temporaryFolder } from "./cli/run.ts";
import { copyEmbeddedModel } from "./embedded_model.ts";

/** A folder with the embedded model, without a CLIP and a depth network of its own. */
export async function bareModel(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await copyBareModel(folder.path);
  return folder;
}

/** Copies the embedded model without the two into a folder. */
export async function copyBareModel(folder: string): Promise<void> {
  await copyEmbeddedModel(folder, (path) => !/^(clip|depth)\//.test(path));
}
