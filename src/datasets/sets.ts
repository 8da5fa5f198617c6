import { type Draws, drawsFrom } from "./draws.ts";
import { EMOJI_WORDS, type EmojiWord } from "./emoji.ts";
import { type Ground, GROUNDS } from "./grounds.ts";
import { placeAlone, placeApart } from "./layout.ts";
import { LOOK_ALIKES } from "./look_alikes.ts";
import { phrase } from "./phrase.ts";
import { type QueryKind, refEmoji } from "./ref_emoji.ts";
import type { SceneSpec } from "./scene_spec.ts";
import { inSomeColour } from "./things.ts";

/**
 * The sets of scenes a model is measured on, and how many scenes each split has:
 * - `emoji-c`: one object on a texture, named by its word, as in VOC-C;
 * - `ref-emoji`: two or three objects on any ground, one of them told by its word, its colour or
 *   the side it is on, as in RefCOCO;
 * - `low-contrast`: one object on a ground in colours close to its own;
 * - `clutter`: one object among boxes and discs of any colour;
 * - `look-alike`: an object beside another that looks much like it;
 * - `small`: one object, 0.2 to 0.32 of the image's side.
 *
 * Settings are chosen by `val`; what is published is measured on `test`.
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

/** The names of the splits of every set: their words take turns apart, their scenes differ. */
export const SPLITS = ["test", "val"] as const;

/** One of {@link SPLITS}. */
export type Split = typeof SPLITS[number];

/** A scene and what to ask about it. */
export interface SceneQuestion {
  /** The first object is the one to find. */
  readonly spec: SceneSpec;
  /** What means it, and no other object of the scene. */
  readonly prompt: string;
  /** What tells it from the others. */
  readonly kind: QueryKind;
}

/** Everything of a question that a set decides. */
type Choice = Omit<SceneQuestion, "spec"> & { readonly spec: Omit<SceneSpec, "seed" | "size"> };

/** Makes the question at a place in a set's row of both splits. */
type Maker = (place: number, shuffle: Shuffle, draws: Draws) => Choice;

/** A set's own order of words. */
type Shuffle = (words: readonly EmojiWord[]) => EmojiWord[];

/** Random streams of the sets' choices, apart from that of the scenes themselves. */
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
 * The question at a place in a split: always the same one.
 *
 * @param index 0, 1, … below the number of the split's scenes.
 * @param size Side of the image in pixels; published figures are of 128.
 * @throws {RangeError} The split has no such place.
 *
 * @example
 * ```ts
 * import { sceneQuestion } from "./sets.ts";
 *
 * const { spec, prompt, kind } = sceneQuestion("emoji-c", "val", 3);
 * console.assert(spec.objects.length === 1 && spec.size === 128);
 * console.assert(prompt !== "" && kind === "word");
 * ```
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
  const draws = drawsFrom(SEEDS[split], STREAMS[set], index);
  const seed = Math.floor(draws.between(0, 2 ** 24));
  const shuffle: Shuffle = (words) => drawsFrom(0, STREAMS[set], 0).shuffle(words);
  const place = split === "test" ? index : SCENE_SETS[set].test + index;
  const { spec, ...asked } = MAKERS[set](place, shuffle, draws);
  return { spec: { ...spec, seed, size }, ...asked };
}

const MAKERS: Record<SceneSet, Maker> = {
  "emoji-c": single({ grounds: TEXTURES, scales: MEDIUM }),
  "low-contrast": single({ grounds: CLEAR, scales: MEDIUM, lowContrast: true }),
  "clutter": single({ grounds: ["clutter"], scales: MEDIUM }),
  "small": single({ grounds: CLEAR, scales: SMALL }),

  "ref-emoji"(place, shuffle, draws) {
    const ground = draws.pick(GROUNDS);
    const { prompt, kind, ...rest } = refEmoji(place, shuffle, draws);
    return { spec: { ground, ...rest }, prompt, kind };
  },

  "look-alike"(place, shuffle, draws) {
    const word = wordAt(place, shuffle);
    const other = draws.pick(LOOK_ALIKES[word]);
    const { placements: [here, there] } = placeApart(draws);
    const objects = [{ word, ...here }, { word: other, ...there }];
    return { spec: { ground: draws.pick(CLEAR), objects }, prompt: phrase(word), kind: "word" };
  },
};

/** Scenes of one object, in its own colour or another, which the prompt does not say. */
function single({ grounds, scales, lowContrast }: {
  readonly grounds: readonly Ground[];
  readonly scales: readonly [number, number];
  readonly lowContrast?: boolean;
}): Maker {
  return (place, shuffle, draws) => {
    const word = wordAt(place, shuffle);
    const objects = [{ ...inSomeColour(word, draws), ...placeAlone(scales, draws) }];
    const spec = { ground: draws.pick(grounds), objects, lowContrast };
    return { spec, prompt: phrase(word), kind: "word" };
  };
}

function wordAt(place: number, shuffle: Shuffle): EmojiWord {
  return shuffle(EMOJI_WORDS)[place % EMOJI_WORDS.length];
}
