import { join } from "node:path";
import { embeddedFolder } from "../src/models/embedded_folder.ts";
import { KNOWN_MODELS } from "../src/catalog/known_models.ts";
import { readModel } from "../src/onnx/model.ts";
import { temporaryFolder } from "./cli/run.ts";
import { moveWeights } from "./move_weights.ts";
import { narrow } from "./narrow.ts";

const [{ id, files }] = KNOWN_MODELS;

/**
 * Writes a folder with the embedded model converted to float16, and its weights in files of their own,
 * named as the usual exporters name them.
 */
export async function halfModel(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  for (const { path } of files) {
    const copy = join(folder.path, path);
    await Deno.mkdir(join(copy, ".."), { recursive: true });
    const bytes = await Deno.readFile(join(embeddedFolder(id), path));
    if (!path.endsWith(".onnx")) {
      await Deno.writeFile(copy, bytes);
      continue;
    }
    const location = path.startsWith("unet") ? "weights.pb" : "model.onnx_data";
    const { file, weights } = moveWeights(narrow(readModel(bytes)), location);
    await Deno.writeFile(copy, file);
    await Deno.writeFile(join(copy, "..", location), weights);
  }
  return folder;
}
