import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inLayout } from "../src/models/layout.ts";
import { readModel } from "../src/onnx/model.ts";
import { moveWeights } from "./move_weights.ts";
import { narrow } from "./narrow.ts";

const EMBEDDED = fileURLToPath(new URL("../models/emoji/", import.meta.url));

/**
 * A folder with the embedded model as a conversion to float16 leaves it, and its weights in files of
 * their own, named as the usual exporters do.
 */
export async function halfModel(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir();
  for await (const path of filesBelow("")) {
    if (!inLayout(path)) continue;
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    const bytes = await Deno.readFile(join(EMBEDDED, path));
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

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(EMBEDDED, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}
