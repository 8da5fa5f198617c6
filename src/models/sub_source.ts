import { posix } from "node:path";
import type { ModelSource } from "./model_source.ts";

/**
 * The files in one folder of a model, as a model of their own.
 *
 * @param folder Inside the model's, with `/`.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { folderSource } from "./model_source.ts";
 * import { subSource } from "./sub_source.ts";
 *
 * const model = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * console.assert(await subSource(model, "unet").has("model.onnx"));
 * ```
 */
export function subSource(source: ModelSource, folder: string): ModelSource {
  const inside = (path: string) => posix.join(folder, path);
  return {
    label: `${source.label}, folder ${folder}`,
    has: (path) => source.has(inside(path)),
    read: (path) => source.read(inside(path)),
    open: (path) => source.open(inside(path)),
    openBeside: (graph, location) => source.openBeside(inside(graph), location),
    async files() {
      return (await source.files()).filter(({ path }) => path.startsWith(`${folder}/`))
        .map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
    },
  };
}
