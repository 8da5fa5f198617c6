import { hash, shorten } from "./shorten.ts";

/** The most a slug takes of a file name, in UTF-8 bytes; systems allow about 255 for all of it. */
const MAX_BYTES = 80;

/** Names Windows keeps for devices, whatever their extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/;

/**
 * A prompt as a part of a file name, safe on every system: lower case, letters, digits and marks of
 * any script kept, everything else a single `-`. A prompt too long, or with nothing to keep, is
 * told apart by a hash of itself.
 *
 * @returns 1..80 bytes of UTF-8, never beginning or ending with `-`.
 *
 * @example
 * ```ts
 * import { slug } from "./slug.ts";
 *
 * console.assert(slug("A dog, on the left!") === "a-dog-on-the-left");
 * console.assert(slug("Ein Häuschen") === "ein-häuschen");
 * ```
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
 * Slugs that differ from each other, one a prompt, in order: the first to claim a slug has it, the
 * next gets `-2`, and so on. The same list always gives the same slugs.
 *
 * @example
 * ```ts
 * import { slugs } from "./slug.ts";
 *
 * console.assert(slugs(["a dog", "A dog!", "a cat"]).join(" ") === "a-dog a-dog-2 a-cat");
 * ```
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
