import {
  anotherThing,
  EMOJI_WORDS,
  type EmojiWord,
  type Hue,
  HUE_NAMES,
  HUED_WORDS,
  HUES,
  inSomeColour,
  phrase,
  phraseAtSide,
  shareName,
  type Thing,
} from "./emoji.ts";
import { type Ground, GROUNDS } from "./grounds.ts";
import { placeAlone, placeApart, placeMeeting, placeThree } from "./layout.ts";
import { LOOK_ALIKES } from "./look_alikes.ts";
import { type RandomChoices, randomChoices } from "./random_choices.ts";
import type { SceneSpec } from "./scene_spec.ts";

/**
 * The sets of scenes that measure a model, and the number of scenes in each split:
 * - `emoji-c`: one object on a texture, named by its word, as in VOC-C;
 * - `ref-emoji`: two or three objects on any ground, one of which the prompt names by its word, its
 *   colour or its side of the image, as in RefCOCO;
 * - `low-contrast`: one object on a ground in colours close to its own;
 * - `clutter`: one object among boxes and discs of any colour;
 * - `look-alike`: one object beside another that looks much like it;
 * - `small`: one object, 0.2 to 0.32 of the image's side.
 *
 * Settings are tuned on `val`; published figures are measured on `test`.
 */
export const SCENE_SETS = {
  "emoji-c": { test: 200, val: 100 },
  "ref-emoji": { test: 200, val: 100 },
  "low-contrast": { test: 60, val: 40 },
  "clutter": { test: 60, val: 40 },
  "look-alike": { test: 60, val: 40 },
  "small": { test: 60, val: 40 },
} as const;

/** The name of a set. */
export type SceneSet = keyof typeof SCENE_SETS;

/** The names of the splits of every set. The splits share no scene. */
export const SPLITS = ["test", "val"] as const;

/** One of {@link SPLITS}. */
export type Split = typeof SPLITS[number];

/** The ways in which a prompt tells an object from the others. */
const QUERY_KINDS = ["word", "colour", "side"] as const;

/** One of the kinds: by its word, its colour or its side of the image. */
export type QueryKind = typeof QUERY_KINDS[number];

/** A scene and the question about it. */
export interface SceneQuestion {
  /** The first object is the one to find. */
  readonly spec: SceneSpec;
  /** The prompt, which means the first object and no other. */
  readonly prompt: string;
  /** The way in which the prompt tells it from the others. */
  readonly kind: QueryKind;
}

/** The part of a question that its set decides. */
type Choice = Omit<SceneQuestion, "spec"> & { readonly spec: Omit<SceneSpec, "seed" | "size"> };

/** Makes the question at a place in the row of both splits: first `test`, then `val`. */
type Maker = (place: number, shuffle: Shuffle, random: RandomChoices) => Choice;

/** Puts words into the order that a set has for them. */
type Shuffle = (words: readonly EmojiWord[]) => EmojiWord[];

/** Random streams of the sets' choices. The scenes themselves have another stream. */
const STREAMS: Record<SceneSet, number> = {
  "emoji-c": 0x5e701,
  "ref-emoji": 0x5e702,
  "low-contrast": 0x5e703,
  "clutter": 0x5e704,
  "look-alike": 0x5e705,
  "small": 0x5e706,
};

const SEEDS: Record<Split, number> = { test: 1, val: 2 };

const TEXTURES: readonly Ground[] = ["noise", "stripes", "checker"];
const CLEAR: readonly Ground[] = GROUNDS.filter((ground) => ground !== "clutter");
const MEDIUM = [0.42, 0.75] as const;
const SMALL = [0.2, 0.32] as const;

/**
 * Makes the question at a place in a split, always the same one.
 *
 * @param index 0, 1, … below the number of scenes in the split.
 * @param size Side of the image in pixels; published figures are of 128.
 * @throws {RangeError} If the split has no such place.
 */
export function sceneQuestion(
  set: SceneSet,
  split: Split,
  index: number,
  size = 128,
): SceneQuestion {
  const count = SCENE_SETS[set][split];
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`Expected a place below ${count} in ${set} ${split}, got ${index}`);
  }
  const random = randomChoices(SEEDS[split], STREAMS[set], index);
  const seed = Math.floor(random.between(0, 2 ** 24));
  const shuffle: Shuffle = (words) => randomChoices(0, STREAMS[set], 0).shuffle(words);
  const place = split === "test" ? index : SCENE_SETS[set].test + index;
  const { spec, ...asked } = MAKERS[set](place, shuffle, random);
  return { spec: { ...spec, seed, size }, ...asked };
}

const MAKERS: Record<SceneSet, Maker> = {
  "emoji-c": single({ grounds: TEXTURES, scales: MEDIUM }),
  "low-contrast": single({ grounds: CLEAR, scales: MEDIUM, lowContrast: true }),
  "clutter": single({ grounds: ["clutter"], scales: MEDIUM }),
  "small": single({ grounds: CLEAR, scales: SMALL }),

  "ref-emoji"(place, shuffle, random) {
    const ground = random.pick(GROUNDS);
    return refer(ground, place, shuffle, random);
  },

  "look-alike"(place, shuffle, random) {
    const word = wordAt(place, shuffle);
    const other = random.pick(LOOK_ALIKES[word]);
    const { placements: [here, there] } = placeApart(random);
    const objects = [{ word, ...here }, { word: other, ...there }];
    return { spec: { ground: random.pick(CLEAR), objects }, prompt: phrase(word), kind: "word" };
  },
};

/** Makes scenes of one object, in its own colour or another, which the prompt does not name. */
function single({ grounds, scales, lowContrast }: {
  readonly grounds: readonly Ground[];
  readonly scales: readonly [number, number];
  readonly lowContrast?: boolean;
}): Maker {
  return (place, shuffle, random) => {
    const word = wordAt(place, shuffle);
    const objects = [{ ...inSomeColour(word, random), ...placeAlone(scales, random) }];
    const spec = { ground: random.pick(grounds), objects, lowContrast };
    return { spec, prompt: phrase(word), kind: "word" };
  };
}

function wordAt(place: number, shuffle: Shuffle): EmojiWord {
  return shuffle(EMOJI_WORDS)[place % EMOJI_WORDS.length];
}

/** Least degrees between two hues that a prompt tells apart. */
const HUE_GAP = 60;

/**
 * Makes two or three objects, and a prompt that means the first of them and no other. Kinds take
 * turns, and so do words:
 * - `word`: `"a dog"`, beside things that are no dogs;
 * - `colour`: `"a blue car"`, beside a car of another colour or another coloured thing;
 * - `side`: `"a dog on the left"`, beside a dog on the right.
 */
function refer(ground: Ground, place: number, shuffle: Shuffle, random: RandomChoices): Choice {
  const kind = QUERY_KINDS[place % QUERY_KINDS.length];
  const words = shuffle(kind === "colour" ? HUED_WORDS : EMOJI_WORDS);
  const turn = kind === "colour" ? Math.floor(place / QUERY_KINDS.length) : place;
  const word = words[turn % words.length];
  const hue = random.pick(HUE_NAMES);
  const target = kind === "colour" ? { word, hue } : inSomeColour(word, random);
  const overlap = random.chance(0.2);
  const three = !overlap && random.chance(0.4);
  const layout = overlap ? placeMeeting(random) : three ? placeThree(random) : placeApart(random);
  const rival = {
    word: () => anotherThing(word, random),
    colour: () => otherColour(word, hue, random),
    side: () => target,
  };
  const things = [target, rival[kind](), ...three ? [anotherThing(word, random)] : []];
  const prompt = {
    word: phrase(word),
    colour: phrase(word, hue),
    side: phraseAtSide(phrase(word), layout.side),
  };
  const objects = things.map((thing, i) => ({ ...thing, ...layout.placements[i] }));
  return { spec: { ground, objects, overlap }, prompt: prompt[kind], kind };
}

/** The same word in another colour, or another coloured thing. */
function otherColour(word: EmojiWord, hue: Hue, random: RandomChoices): Thing {
  const same = random.chance(0.5);
  const others = HUED_WORDS.filter((other) => !shareName(other, word));
  return {
    word: same ? word : random.pick(others),
    hue: random.pick(HUE_NAMES.filter((other) => distinct(other, hue))),
  };
}

function distinct(a: Hue, b: Hue): boolean {
  const turn = Math.abs(HUES[a] - HUES[b]);
  return Math.min(turn, 360 - turn) >= HUE_GAP;
}
