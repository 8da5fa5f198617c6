import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";

/**
 * Where a model that comes with the project lies on disk.
 *
 * @param id Of one of `KNOWN_MODELS`.
 * @throws {UserError} If the project was imported from a URL: nothing of it lies on disk then.
 *
 * @example
 * ```ts
 * import { embeddedFolder } from "./embedded_folder.ts";
 *
 * console.assert((await Deno.stat(embeddedFolder("emoji"))).isDirectory);
 * ```
 */
export function embeddedFolder(id: string): string {
  const url = new URL(`../../models/${id}/`, import.meta.url);
  if (url.protocol === "file:") return fileURLToPath(url);
  throw new UserError(
    `Model "${id}" does not lie on disk: this Peekaboo runs from ${url.origin}`,
    "use a copy of Peekaboo on disk",
  );
}
