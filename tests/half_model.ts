import { join } from "node:path";
import { embeddedFolder } from "../src/models/embedded_folder.ts";
import { KNOWN_MODELS } from "../src/models/known_models.ts";
import { readModel } from "../src/onnx/model.ts";
import { moveWeights } from "./move_weights.ts";
import { narrow } from "./narrow.ts";

const [{ id, files }] = KNOWN_MODELS;

/**
 * A folder with the embedded model as a conversion to float16 leaves it, and its weights in files of
 * their own, named as the usual exporters do.
 */
export async function halfModel(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir();
  for (const { path } of files) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    const bytes = await Deno.readFile(join(embeddedFolder(id), path));
    if (!path.endsWith(".onnx")) {
      await Deno.writeFile(join(folder, path), bytes);
      continue;
    }
    const location = path.startsWith("unet") ? "weights.pb" : "model.onnx_data";
    const { file, weights } = moveWeights(narrow(readModel(bytes)), location);
    await Deno.writeFile(join(folder, path), file);
    await Deno.writeFile(join(folder, path, "..", location), weights);
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
