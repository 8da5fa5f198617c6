import { temporaryFolder } from "./cli/run.ts";
import { copyEmbeddedModel } from "./embedded_model.ts";

/** Writes a folder with the embedded model, but without its CLIP and depth network. */
export async function bareModel(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await copyBareModel(folder.path);
  return folder;
}

/** Copies the embedded model without the two into a folder. */
export async function copyBareModel(folder: string): Promise<void> {
  await copyEmbeddedModel(folder, (path) => !/^(clip|depth)\//.test(path));
}
