import { createHash } from "node:crypto";

/**
 * A text that fits into a number of UTF-8 bytes: the text itself if it fits, else its first whole
 * characters (graphemes) and a hash, which tells it from others that begin alike.
 *
 * @param whole What the hash is of; the text unless given.
 * @param fallback Stands for the text if not even its first character fits.
 *
 * @example
 * ```ts
 * import { shorten } from "./shorten.ts";
 *
 * console.assert(shorten("häuschen", 12) === "häuschen");
 * console.assert(shorten("häuschen am see", 12) === "hä-25341e7e");
 * ```
 */
export function shorten(text: string, maxBytes: number, whole = text, fallback = "long"): string {
  if (bytes(text) <= maxBytes) return text;
  const end = `-${hash(whole)}`;
  let start = "";
  for (const { segment } of new Intl.Segmenter("en").segment(text)) {
    if (bytes(start + segment) > maxBytes - bytes(end)) break;
    start += segment;
  }
  return `${start.replace(/-$/, "") || fallback}${end}`;
}

/** Eight hexadecimal digits of a text's SHA-256. */
export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
