import type { Draws } from "./draws.ts";
import { EMOJI, EMOJI_WORDS, type EmojiWord, type Hue, HUES } from "./emoji.ts";
import type { ObjectSpec } from "./scene_spec.ts";

/** What an object is, wherever it is. */
export type Thing = Pick<ObjectSpec, "word" | "hue">;

/** All hues, in the order of the circle. */
export const HUE_NAMES = Object.keys(HUES) as readonly Hue[];

/**
 * An object in its emoji's colour or, if it can, as often in one of the hues.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { inSomeColour } from "./things.ts";
 *
 * console.assert(inSomeColour("dog", drawsFrom(1, 2, 3)).hue === undefined);
 * ```
 */
export function inSomeColour(word: EmojiWord, draws: Draws): Thing {
  if (EMOJI[word].hue === undefined || draws.chance(0.5)) return { word };
  return { word, hue: draws.pick(HUE_NAMES) };
}

/**
 * Whether two words have a name in common, as `car` and `police car` or `book` and `books` do: a
 * prompt with the one may then mean the other, so no scene has both.
 *
 * @example
 * ```ts
 * import { shareName } from "./things.ts";
 *
 * console.assert(shareName("car", "police car") && !shareName("car", "taxi"));
 * ```
 */
export function shareName(a: EmojiWord, b: EmojiWord): boolean {
  const names = singulars(b);
  return singulars(a).some((name) => names.includes(name));
}

function singulars(word: EmojiWord): string[] {
  return word.split(" ").map((name) => name.replace(/s$/, ""));
}

/**
 * Another object, which no prompt with the word can mean.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { anotherThing } from "./things.ts";
 *
 * console.assert(anotherThing("dog", drawsFrom(1, 2, 3)).word !== "dog");
 * ```
 */
export function anotherThing(word: EmojiWord, draws: Draws): Thing {
  return inSomeColour(draws.pick(EMOJI_WORDS.filter((other) => !shareName(other, word))), draws);
}
