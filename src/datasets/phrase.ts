import { EMOJI, type EmojiWord, type Hue } from "./emoji.ts";

/** A half of the image. */
export type Side = "left" | "right" | "top" | "bottom";

/**
 * What to call an object: its noun phrase, with its colour if one is given, in the words of the
 * model's training captions.
 *
 * @example
 * ```ts
 * import { phrase } from "./phrase.ts";
 *
 * console.assert(phrase("car") === "a car" && phrase("car", "orange") === "an orange car");
 * console.assert(phrase("jeans", "blue") === "blue jeans");
 * ```
 */
export function phrase(word: EmojiWord, hue?: Hue): string {
  const plain = EMOJI[word].phrase;
  if (hue === undefined) return plain;
  if (plain === word) return `${hue} ${word}`;
  return `${/^[aeiou]/.test(hue) ? "an" : "a"} ${hue} ${word}`;
}

/**
 * A noun phrase with the side its object is on.
 *
 * @example
 * ```ts
 * import { phraseAtSide } from "./phrase.ts";
 *
 * console.assert(phraseAtSide("a dog", "left") === "a dog on the left");
 * console.assert(phraseAtSide("a dog", "top") === "a dog at the top");
 * ```
 */
export function phraseAtSide(phrase: string, side: Side): string {
  return `${phrase} ${side === "left" || side === "right" ? "on" : "at"} the ${side}`;
}
