import { dirname, join, sep } from "node:path";
import { type ByteSource, fileSource } from "../files/byte_source.ts";
import { fileError } from "../files/file_error.ts";

/**
 * Opens a file that foreign data names, if it is a file of the folder: symbolic links must not lead
 * out of it, except from a snapshot of the Hugging Face cache to the blobs of the same repository,
 * and a file with a second name (a hard link) may belong elsewhere.
 *
 * @param folder That the file must be in.
 * @param path Inside the folder, without `..`.
 * @returns The file; or what is wrong with it, in words that follow "which".
 * @throws {UserError} The file system refused, or Deno has no permission to read there.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { openBeside } from "./open_beside.ts";
 *
 * const folder = fileURLToPath(new URL("../../models/emoji/unet", import.meta.url));
 * console.assert(typeof await openBeside(folder, "config.json") === "object");
 * console.assert(await openBeside(folder, "weights.pb") === "is missing");
 * ```
 */
export async function openBeside(folder: string, path: string): Promise<ByteSource | string> {
  try {
    const root = await Deno.realPath(folder);
    const real = await Deno.realPath(join(folder, path));
    const blobs = blobsOf(root);
    const inside = real.startsWith(root + sep) || (blobs !== undefined && dirname(real) === blobs);
    if (!inside) return "leads out of the graph's folder";
    // Looked at before it is opened: to open a pipe is to wait for whoever writes to it.
    const { isFile, nlink, size } = await Deno.stat(real);
    if (!isFile) return "is not a regular file";
    if ((nlink ?? 1) > 1) return "is a hard link, which may lead out of the graph's folder";
    return fileSource(real, size);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return "is missing";
    }
    throw fileError(`Cannot read "${join(folder, path)}"`, cause, "check the model's folder");
  }
}

/** The blobs that a snapshot's links lead to: `<repository>/snapshots/<commit>/…` has them. */
function blobsOf(root: string): string | undefined {
  const parts = root.split(sep);
  const at = parts.lastIndexOf("snapshots");
  return at > 0 ? [...parts.slice(0, at), "blobs"].join(sep) : undefined;
}
