import { dirname, join, posix } from "node:path";
import { UserError } from "../errors.ts";
import { type ByteSource, fileSource, memorySource } from "../files/byte_source.ts";
import { fileError, statIfThere } from "../files/file_error.ts";
import { type AssetOptions, readAsset } from "../catalog/assets.ts";
import { listModelFiles } from "../catalog/list_files.ts";
import type { ManifestFile, ModelManifest } from "../catalog/manifest.ts";
import { openBeside } from "./open_beside.ts";

/** Where a model's files come from. Paths are relative to the model's folder, with `/`. */
export interface ModelSource {
  /** What to call the model in messages, e.g. `Model folder "m"`. */
  readonly label: string;
  /** Whether the model has such a file. @throws {UserError} If that cannot be found out. */
  has(path: string): Promise<boolean>;
  /** Reads a file. @throws {UserError} If it cannot be read. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** A file's bytes, read as they are needed. @throws {UserError} If it cannot be read. */
  open(path: string): Promise<ByteSource>;
  /**
   * A file that a graph names as being in its folder, or below.
   *
   * @param graph Path of the graph.
   * @param location Relative to the graph's folder, without `..`.
   * @returns Its bytes, read as they are needed; or what is wrong with it, in words that follow
   * "which": `is missing`, `leads out of the graph's folder`.
   */
  openBeside(graph: string, location: string): Promise<ByteSource | string>;
  /** All files of the model, with their hashes. */
  files(): Promise<readonly ManifestFile[]>;
}

/**
 * The files a manifest lists, checked against it as they are read.
 *
 * @param folder The model's folder, next to the code it came with: on disk or on a server.
 *
 * @example
 * ```ts
 * import { KNOWN_MODELS } from "../catalog/known_models.ts";
 * import { manifestSource } from "./model_source.ts";
 *
 * const folder = new URL("../../models/emoji/", import.meta.url);
 * const source = manifestSource(KNOWN_MODELS[0], folder);
 * console.assert(await source.has("unet/model.onnx"));
 * ```
 */
export function manifestSource(
  { id, files }: ModelManifest,
  folder: URL,
  options?: AssetOptions,
): ModelSource {
  const byPath = new Map(files.map((file) => [file.path, file]));
  // A cache folder that cannot be used is told once, not once a file.
  const told = new Set<string>();
  const onWarning = (message: string) => {
    if (!told.has(message)) options?.onWarning?.(message);
    told.add(message);
  };
  const read = (path: string) => {
    const file = byPath.get(path);
    if (!file) throw new Error(`The manifest of "${id}" lists no ${path}`);
    return readAsset(new URL(path, folder), file, { ...options, onWarning });
  };
  return {
    label: `Model "${id}"`,
    has: (path) => Promise.resolve(byPath.has(path)),
    read,
    open: async (path) => memorySource(await read(path)),
    async openBeside(graph, location) {
      const path = posix.join(posix.dirname(graph), location);
      return byPath.has(path) ? memorySource(await read(path)) : "is missing";
    },
    files: () => Promise.resolve(files),
  };
}

/**
 * The files of a folder of the user's own.
 *
 * @param belongs Which files count as the model's, where the folder is not in the diffusers layout.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { folderSource } from "./model_source.ts";
 *
 * const source = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
 * console.assert(!await source.has("unet/weights.pb"));
 * ```
 */
export function folderSource(
  folder: string,
  belongs?: (path: string) => boolean,
): ModelSource {
  return {
    label: `Model folder "${folder}"`,
    async has(path) {
      const info = await statIfThere(join(folder, path), "make the model folder readable");
      return info?.isFile ?? false;
    },
    read: (path) =>
      Deno.readFile(join(folder, path)).catch((cause) => {
        throw fileError(`Cannot read "${join(folder, path)}"`, cause, "check the model folder");
      }),
    async open(path) {
      const info = await statIfThere(join(folder, path), "make the model folder readable");
      if (info?.isFile) return fileSource(join(folder, path), info.size);
      throw new UserError(
        `Cannot read "${join(folder, path)}": it is no file`,
        "check the model folder",
      );
    },
    openBeside: (graph, location) => openBeside(join(folder, dirname(graph)), location),
    files: () => listModelFiles(folder, belongs),
  };
}
