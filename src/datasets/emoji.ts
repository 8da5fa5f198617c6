import vocabulary from "./emoji.json" with { type: "json" };
import type { RandomChoices } from "./random_choices.ts";

/** The name of an object that the embedded model knows. */
export type EmojiWord = keyof typeof vocabulary.words;

/** A colour in which objects of a single colour are shown. */
export type Hue = keyof typeof vocabulary.hues;

/** A colour that names a ground. */
export type ColourName = keyof typeof vocabulary.colours;

/** Red, green and blue in 0..1. */
export type Rgb = readonly [number, number, number];

/** The emoji that shows a word. */
export interface Emoji {
  /** Code points in hexadecimal, joined by `-`: emoji image packages name their files so. */
  readonly glyph: string;
  /** The word as a noun phrase: `"a dog"`, `"cherries"`. */
  readonly phrase: string;
  /** Dominant HSV hue in degrees, of an emoji with one colour, which may be shown in others. */
  readonly hue?: number;
}

/** An object, wherever it is. */
export interface Thing {
  readonly word: EmojiWord;
  /** Its colour, for a word that has a hue. The default is the emoji's own. */
  readonly hue?: Hue | undefined;
}

/** A half of the image. */
export type Side = "left" | "right" | "top" | "bottom";

/**
 * Every word with its emoji. The model was trained on the same list (`models/emoji/train`), and the
 * scenes that measure it are made of it.
 */
export const EMOJI: Readonly<Record<EmojiWord, Emoji>> = vocabulary.words;

/** All words, in alphabetical order. */
export const EMOJI_WORDS = Object.keys(vocabulary.words) as readonly EmojiWord[];

/** The words whose emoji may be shown in any of {@link HUES}. */
export const HUED_WORDS: readonly EmojiWord[] = EMOJI_WORDS.filter((word) => "hue" in EMOJI[word]);

/** Each hue in degrees of HSV's circle. */
export const HUES: Readonly<Record<Hue, number>> = vocabulary.hues;

/** All hues, in the order of the circle. */
export const HUE_NAMES = Object.keys(HUES) as readonly Hue[];

/** Each named ground colour. */
export const COLOURS = Object.fromEntries(
  Object.entries(vocabulary.colours).map((
    [name, [r, g, b]],
  ) => [name, [r / 255, g / 255, b / 255]]),
) as unknown as Readonly<Record<ColourName, Rgb>>;

/**
 * The noun phrase of an object, with its colour if one is given, in the words of the model's training
 * captions: `"a car"`, `"an orange car"`, `"blue jeans"`.
 */
export function phrase(word: EmojiWord, hue?: Hue): string {
  const plain = EMOJI[word].phrase;
  if (hue === undefined) return plain;
  if (plain === word) return `${hue} ${word}`;
  return `${/^[aeiou]/.test(hue) ? "an" : "a"} ${hue} ${word}`;
}

/** A noun phrase with the side of the image: `"a dog on the left"`, `"a dog at the top"`. */
export function phraseAtSide(phrase: string, side: Side): string {
  return `${phrase} ${side === "left" || side === "right" ? "on" : "at"} the ${side}`;
}

/** An object in its emoji's colour or, if it has a hue, half of the time in any of {@link HUES}. */
export function inSomeColour(word: EmojiWord, random: RandomChoices): Thing {
  if (EMOJI[word].hue === undefined || random.chance(0.5)) return { word };
  return { word, hue: random.pick(HUE_NAMES) };
}

/** Another object, which no prompt with the word can mean. */
export function anotherThing(word: EmojiWord, random: RandomChoices): Thing {
  return inSomeColour(random.pick(EMOJI_WORDS.filter((other) => !shareName(other, word))), random);
}

/**
 * True if two words have a name in common, as `car` and `police car` or `book` and `books` have. A
 * prompt with one of them may then mean the other, so no scene has both.
 */
export function shareName(a: EmojiWord, b: EmojiWord): boolean {
  const names = singulars(b);
  return singulars(a).some((name) => names.includes(name));
}

function singulars(word: EmojiWord): string[] {
  return word.split(" ").map((name) => name.replace(/s$/, ""));
}
