import { basename, extname } from "node:path";
import { shorten } from "../files/slug.ts";

/**
 * The most an image's name takes of its results' names, in UTF-8 bytes. Systems allow 255 for all
 * of `<stem>.<prompt>.overlay.png`: the prompt takes up to 80 and, where several are alike, a
 * number; that leaves room.
 */
const MAX_BYTES = 150;

/**
 * What the names of an image's results begin with: its file name without the extension. A name of
 * more than 150 bytes is cut at a whole character and told apart by a hash, so that the results'
 * names fit; the same path always gives the same.
 *
 * @example
 * ```ts
 * import { fileStem } from "./file_stem.ts";
 *
 * console.assert(fileStem("photos/dog.on.grass.jpg") === "dog.on.grass");
 * console.assert(fileStem(`${"x".repeat(200)}.jpg`).length === 150);
 * ```
 */
export function fileStem(path: string): string {
  return shorten(basename(path, extname(path)), MAX_BYTES);
}
