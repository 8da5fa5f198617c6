import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Bytes that may still be written where a folder is or will be.
 *
 * @param folder Need not exist: its nearest existing parent is asked.
 * @returns Nothing where the system does not say.
 *
 * @example
 * ```ts
 * import { freeBytes } from "./free_space.ts";
 *
 * const free = await freeBytes("no/such/folder");
 * console.assert(free === undefined || free >= 0);
 * ```
 */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const parent = dirname(folder);
    return missing && parent !== folder ? await freeBytes(parent) : undefined;
  }
}
