import type { Draws } from "./draws.ts";
import { EMOJI_WORDS, type EmojiWord, type Hue, HUED_WORDS, HUES } from "./emoji.ts";
import { placeApart, placeMeeting, placeThree } from "./layout.ts";
import { phrase, phraseAtSide } from "./phrase.ts";
import type { ObjectSpec } from "./scene_spec.ts";
import { anotherThing, HUE_NAMES, inSomeColour, shareName, type Thing } from "./things.ts";

/** What tells the object asked for from the others. */
export const QUERY_KINDS = ["word", "colour", "side"] as const;

/** One of {@link QUERY_KINDS}. */
export type QueryKind = typeof QUERY_KINDS[number];

/** Objects of a scene and an expression that means the first of them. */
export interface Reference {
  readonly objects: readonly ObjectSpec[];
  readonly prompt: string;
  readonly kind: QueryKind;
  /** Whether the objects may meet. */
  readonly overlap: boolean;
}

/** Least degrees between hues that a prompt tells apart. */
const HUE_GAP = 60;

/**
 * Two or three objects, and an expression that means the first of them and no other:
 * - `word`: `"a dog"`, none of the others is one;
 * - `colour`: `"a blue car"`, beside a car of another colour or another coloured thing;
 * - `side`: `"a dog on the left"`, with a dog on the right.
 *
 * @param place Place in the row of scenes: kinds take turns, and words do.
 * @param shuffle Puts the words in the order in which they are asked for.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { refEmoji } from "./ref_emoji.ts";
 *
 * const { objects: [a, b], kind } = refEmoji(2, (words) => [...words], drawsFrom(1, 2, 3));
 * console.assert(kind === "side" && a.word === b.word);
 * ```
 */
export function refEmoji(
  place: number,
  shuffle: (words: readonly EmojiWord[]) => EmojiWord[],
  draws: Draws,
): Reference {
  const kind = QUERY_KINDS[place % QUERY_KINDS.length];
  const words = shuffle(kind === "colour" ? HUED_WORDS : EMOJI_WORDS);
  const turn = kind === "colour" ? Math.floor(place / QUERY_KINDS.length) : place;
  const word = words[turn % words.length];
  const hue = draws.pick(HUE_NAMES);
  const target = kind === "colour" ? { word, hue } : inSomeColour(word, draws);
  const overlap = draws.chance(0.2);
  const three = !overlap && draws.chance(0.4);
  const layout = overlap ? placeMeeting(draws) : three ? placeThree(draws) : placeApart(draws);
  const rival = {
    word: () => anotherThing(word, draws),
    colour: () => otherColour(word, hue, draws),
    side: () => target,
  };
  const things = [target, rival[kind](), ...three ? [anotherThing(word, draws)] : []];
  const expression = {
    word: phrase(word),
    colour: phrase(word, hue),
    side: phraseAtSide(phrase(word), layout.side),
  };
  const objects = things.map((thing, i) => ({ ...thing, ...layout.placements[i] }));
  return { objects, prompt: expression[kind], kind, overlap };
}

/** The same in another colour, or another coloured thing. */
function otherColour(word: EmojiWord, hue: Hue, draws: Draws): Thing {
  const same = draws.chance(0.5);
  const others = HUED_WORDS.filter((other) => !shareName(other, word));
  return {
    word: same ? word : draws.pick(others),
    hue: draws.pick(HUE_NAMES.filter((other) => distinct(other, hue))),
  };
}

function distinct(a: Hue, b: Hue): boolean {
  const turn = Math.abs(HUES[a] - HUES[b]);
  return Math.min(turn, 360 - turn) >= HUE_GAP;
}
