import codePoints from "./emoji-words.json" with { type: "json" };

/** A word the embedded model knows; see models/emoji-64/README.md. */
export type EmojiWord = keyof typeof codePoints;

/**
 * The emoji the model learnt each word from: its code points in hexadecimal, joined by `-`, which
 * is how emoji image packages name their files.
 */
export const EMOJI: Readonly<Record<EmojiWord, string>> = codePoints;

/** All of them, in the order of the model's README. */
export const EMOJI_WORDS = Object.keys(codePoints) as readonly EmojiWord[];

/**
 * The prompt that names an object.
 *
 * @example
 * ```ts
 * import { promptFor } from "./emoji_words.ts";
 *
 * console.assert(promptFor("octopus") === "an octopus" && promptFor("dog") === "a dog");
 * ```
 */
export function promptFor(word: EmojiWord): string {
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}
