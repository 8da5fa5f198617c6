import { basename, dirname, join } from "node:path";
import { readModel } from "../src/onnx/model.ts";
import { temporaryFolder } from "./cli/run.ts";
import { copyEmbeddedModel } from "./embedded_model.ts";
import { moveWeights } from "./move_weights.ts";
import { narrow } from "./narrow.ts";

/**
 * Writes a folder with the embedded model converted to float16, and its weights in files of their own,
 * named as the usual exporters name them.
 */
export async function halfModel(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await copyEmbeddedModel(folder.path, () => true, async (from, to) => {
    if (!to.endsWith(".onnx")) return await Deno.copyFile(from, to);
    const location = basename(dirname(to)) === "unet" ? "weights.pb" : "model.onnx_data";
    const { file, weights } = moveWeights(narrow(readModel(await Deno.readFile(from))), location);
    await Deno.writeFile(to, file);
    await Deno.writeFile(join(dirname(to), location), weights);
  });
  return folder;
}
