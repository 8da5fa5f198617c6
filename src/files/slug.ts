import { createHash } from "node:crypto";

/** Longest slug in UTF-8 bytes; systems allow about 255 for a whole file name. */
const MAX_BYTES = 80;

/** Names that Windows reserves for devices, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/;

/**
 * Makes a prompt a part of a file name that is safe on every system: lower case; letters, digits and
 * marks of any script; one `-` for any run of other characters. A prompt that is too long, or has
 * nothing to keep, gets a hash of itself.
 *
 * @returns 1 to 80 bytes of UTF-8 that neither begin nor end with `-`.
 */
export function slug(prompt: string): string {
  const text = prompt.normalize("NFKC").toLowerCase().normalize("NFC");
  const visible = text.replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  const words = visible.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  const kept = words.join("-");
  if (kept === "" || RESERVED.test(kept)) return `prompt-${kept || hash(prompt)}`;
  return shorten(kept, MAX_BYTES, prompt, "prompt");
}

/**
 * Makes one slug per prompt, in order and all different: the first prompt that claims a slug has it,
 * the next gets `-2`, and so on. The same list always gives the same slugs.
 */
export function slugs(prompts: readonly string[]): string[] {
  const taken = new Set<string>();
  return prompts.map((prompt) => {
    const wanted = slug(prompt);
    let free = wanted;
    for (let n = 2; taken.has(free); n++) free = `${wanted}-${n}`;
    taken.add(free);
    return free;
  });
}

/**
 * Shortens a text to a number of UTF-8 bytes: a text that fits stays, a longer one becomes its first
 * whole characters (graphemes) and a hash, which tells it from others that begin alike.
 *
 * @param whole The text that the hash is of.
 * @param fallback Stands for the text if not even its first character fits.
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

/** The first eight hexadecimal digits of a text's SHA-256. */
function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
