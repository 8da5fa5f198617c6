import vocabulary from "./emoji.json" with { type: "json" };
import type { Rgb } from "./grounds.ts";

/** An object the embedded model knows by name. */
export type EmojiWord = keyof typeof vocabulary.words;

/** A colour that single-coloured objects are shown in. */
export type Hue = keyof typeof vocabulary.hues;

/** A colour that grounds are named by. */
export type ColourName = keyof typeof vocabulary.colours;

/** What stands for a word. */
export interface Emoji {
  /** Its code points in hexadecimal, joined by `-`: how emoji image packages name their files. */
  readonly glyph: string;
  /** The word as a noun phrase: `"a dog"`, `"cherries"`. */
  readonly phrase: string;
  /** Dominant HSV hue in degrees, of emoji with one colour, which may be shown in others. */
  readonly hue?: number;
}

/**
 * Every word with its emoji. The model was trained on the same list (`models/emoji/train`), and the
 * scenes it is measured on are made of it.
 *
 * @example
 * ```ts
 * import { EMOJI } from "./emoji.ts";
 *
 * console.assert(EMOJI.dog.phrase === "a dog" && EMOJI.cherries.phrase === "cherries");
 * ```
 */
export const EMOJI: Readonly<Record<EmojiWord, Emoji>> = vocabulary.words;

/** All words, in alphabetical order. */
export const EMOJI_WORDS = Object.keys(vocabulary.words) as readonly EmojiWord[];

/** The words whose emoji may be shown in any of {@link HUES}. */
export const HUED_WORDS: readonly EmojiWord[] = EMOJI_WORDS.filter((word) => "hue" in EMOJI[word]);

/** Each hue in degrees of HSV's circle. */
export const HUES: Readonly<Record<Hue, number>> = vocabulary.hues;

/** Each named ground colour, red, green and blue in 0..1. */
export const COLOURS = Object.fromEntries(
  Object.entries(vocabulary.colours).map((
    [name, [r, g, b]],
  ) => [name, [r / 255, g / 255, b / 255]]),
) as unknown as Readonly<Record<ColourName, Rgb>>;
