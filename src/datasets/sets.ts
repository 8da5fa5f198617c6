import { uniformAt } from "../backend/random.ts";
import { EMOJI_WORDS } from "./emoji_words.ts";
import { GROUNDS } from "./grounds.ts";
import type { SceneSpec } from "./scene.ts";

/**
 * The sets of scenes a model is measured on:
 * - `one-object`: one object, about 25 % of the picture, on a ground of any kind;
 * - `hard`: objects of about 11 % of the picture; half of the scenes have one, on a textured ground
 *   (noise, stripes, checker), half have two, on a ground of any kind.
 */
export const SCENE_SETS = ["one-object", "hard"] as const;

/** One of {@link SCENE_SETS}. */
export type SceneSet = typeof SCENE_SETS[number];

/** Random stream of the sets' choices, apart from that of the scenes themselves. */
const STREAM = 0x5e75;

const TEXTURED = GROUNDS.filter((ground) => ground !== "plain" && ground !== "gradient");

/** Smallest and largest side of a glyph's square, as a fraction of the picture's. */
const SCALES = { large: [0.55, 0.9], small: [0.42, 0.62], pair: [0.38, 0.5] } as const;

/**
 * What the scene of a place in a set shows. The first object is the one to look for. Any forty
 * scenes in a row have each of the forty words as first object once; another seed gives other
 * scenes.
 *
 * @param index Place in the set, 0, 1, …; a set has no end.
 * @param size Side of the picture in pixels.
 *
 * @example
 * ```ts
 * import { sceneSpec } from "./sets.ts";
 *
 * const spec = sceneSpec("hard", 3, { seed: 1, size: 128 });
 * console.assert(spec.size === 128 && spec.objects.length === 2);
 * ```
 */
export function sceneSpec(
  set: SceneSet,
  index: number,
  { seed, size }: { seed: number; size: number },
): SceneSpec {
  let draws = 0;
  const uniform = () => uniformAt(seed, STREAM + SCENE_SETS.indexOf(set), index, draws++);
  const pick = <T>(from: readonly T[]) => from[Math.floor(uniform() * from.length)];
  const scale = ([min, max]: readonly [number, number]) => min + uniform() * (max - min);

  const sceneSeed = Math.floor(uniform() * 2 ** 24);
  // 7 and the number of words have no common factor, so the stride meets every word.
  const word = EMOJI_WORDS[(7 * index + seed) % EMOJI_WORDS.length];
  const scene = { seed: sceneSeed, size };
  const single = (range: readonly [number, number]) =>
    [{ word, scale: scale(range), part: "whole" }] as const;
  if (set === "one-object") {
    return { ...scene, ground: pick(GROUNDS), objects: single(SCALES.large) };
  }
  if (index % 2 === 0) return { ...scene, ground: pick(TEXTURED), objects: single(SCALES.small) };
  const other = pick(EMOJI_WORDS.filter((candidate) => candidate !== word));
  const [part, otherPart] = uniform() < 0.5
    ? ["left", "right"] as const
    : ["right", "left"] as const;
  const objects = [
    { word, scale: scale(SCALES.pair), part },
    { word: other, scale: scale(SCALES.pair), part: otherPart },
  ];
  return { ...scene, ground: pick(GROUNDS), objects };
}
