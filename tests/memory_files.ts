import type { ModelSource } from "../src/models/model_source.ts";
import { memorySource } from "../src/files/byte_source.ts";

/** A model of JSON files alone, which lie in no folder. */
export function memoryFiles(files: Readonly<Record<string, unknown>>): ModelSource {
  const read = (path: string) =>
    Promise.resolve(new TextEncoder().encode(JSON.stringify(files[path])));
  return {
    label: "Model",
    has: (path) => Promise.resolve(path in files),
    read,
    open: async (path) => memorySource(await read(path)),
    openBeside: () => Promise.resolve("is missing"),
    files: () => Promise.resolve([]),
  };
}
