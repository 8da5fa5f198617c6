import { dirname, join, posix, sep } from "node:path";
import { type AssetOptions, readAsset } from "../catalog/assets.ts";
import { listModelFiles } from "../catalog/integrity.ts";
import type { ManifestFile } from "../catalog/manifest.ts";
import type { InstalledModel } from "../catalog/remote_model.ts";
import { UserError } from "../errors.ts";
import { type ByteSource, fileSource, memorySource } from "../files/byte_source.ts";
import { fileError, isMissing, statIfThere } from "../files/file_error.ts";
import { hashFile } from "../hub/content_hash.ts";

/** The files of a model. Paths are relative to the model's folder, with `/`. */
export interface ModelSource {
  /** The model in messages, e.g. `Model folder "m"`. */
  readonly label: string;
  /** Whether the model has a file. @throws {UserError} That cannot be found out. */
  has(path: string): Promise<boolean>;
  /** Reads a file. @throws {UserError} It cannot be read. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Opens a file whose bytes are read as they are needed. @throws {UserError} It cannot be read. */
  open(path: string): Promise<ByteSource>;
  /**
   * Opens a file that a graph names as being in its folder, or below.
   *
   * @param graph Path of the graph.
   * @param location Path relative to the graph's folder, without `..`.
   * @returns Its bytes, read as they are needed; or a reason against it, in words that follow "which":
   * `is missing`, `leads out of the graph's folder`.
   */
  openBeside(graph: string, location: string): Promise<ByteSource | string>;
  /** Lists all files of the model, with their hashes. */
  files(): Promise<readonly ManifestFile[]>;
}

/**
 * The files of an embedded model, checked against its manifest as they are read.
 *
 * @param folder Address of the model's folder, on disk or on a server.
 */
export function manifestSource(
  id: string,
  files: readonly ManifestFile[],
  folder: URL,
  options?: AssetOptions,
): ModelSource {
  const byPath = new Map(files.map((file) => [file.path, file]));
  // A warning about the cache folder comes once, not once per file.
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
 * @param belongs Tells which files count as the model's; the default is the diffusers layout.
 */
export function folderSource(folder: string, belongs?: (path: string) => boolean): ModelSource {
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
        `Cannot read "${join(folder, path)}": it is not a file`,
        "check the model folder",
      );
    },
    openBeside: (graph, location) => openBeside(join(folder, dirname(graph)), location),
    files: () => listModelFiles(folder, belongs),
  };
}

/**
 * The files of a model in the hub's cache. Hashes that the hub told, and that the download was checked
 * against, are not computed again: weights are gigabytes.
 */
export function hubSource(id: string, { folder, files }: InstalledModel): ModelSource {
  return {
    ...folderSource(folder),
    label: `Model "${id}"`,
    async files() {
      const hashed: ManifestFile[] = [];
      for (const { path, bytes, hash } of files) {
        const sha256 = hash?.algorithm === "sha256"
          ? hash.hex
          : await hashFile(join(folder, path), "sha256");
        hashed.push({ path, bytes, sha256 });
      }
      return hashed;
    },
  };
}

/** The files in one folder of a model, as a model of their own. */
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

/**
 * Opens a file that foreign data names, if it is a file of the folder. Symbolic links must not lead
 * out of the folder, except from a snapshot of the Hugging Face cache to the blobs of the same
 * repository, and a file with a second name (a hard link) may belong elsewhere.
 *
 * @param folder Folder that the file must be in.
 * @param path Path inside the folder, without `..`.
 * @returns The file; or a reason against it, in words that follow "which".
 * @throws {UserError} The file system refused, or Deno has no permission to read there.
 */
export async function openBeside(folder: string, path: string): Promise<ByteSource | string> {
  try {
    const root = await Deno.realPath(folder);
    const real = await Deno.realPath(join(folder, path));
    const blobs = blobsOf(root);
    const inside = real.startsWith(root + sep) || (blobs !== undefined && dirname(real) === blobs);
    if (!inside) return "leads out of the graph's folder";
    // The file is examined before it is opened: opening a pipe waits for a writer.
    const { isFile, nlink, size } = await Deno.stat(real);
    if (!isFile) return "is not a regular file";
    if ((nlink ?? 1) > 1) return "is a hard link, which may lead out of the graph's folder";
    return fileSource(real, size);
  } catch (cause) {
    if (isMissing(cause)) return "is missing";
    throw fileError(`Cannot read "${join(folder, path)}"`, cause, "check the model's folder");
  }
}

/** Finds the blobs that the links of a snapshot, `<repository>/snapshots/<commit>/…`, lead to. */
function blobsOf(root: string): string | undefined {
  const parts = root.split(sep);
  const at = parts.lastIndexOf("snapshots");
  return at > 0 ? [...parts.slice(0, at), "blobs"].join(sep) : undefined;
}
