import type { Query } from "../evaluate/answers.ts";
import type { GlyphSource } from "./glyphs.ts";
import { makeScene } from "./scene.ts";
import { sceneQuestion, type SceneSet, type Split } from "./sets.ts";

/** Which scenes of a set to ask about. */
export interface SceneQueryOptions {
  readonly split: Split;
  /** Place of the first. */
  readonly from: number;
  /** Place after the last. */
  readonly to: number;
  /** Side of an image in pixels. */
  readonly size: number;
}

/**
 * The questions of a set as queries, in order. Scenes are made as they are asked for.
 *
 * @throws {RangeError} The split ends before `to`.
 *
 * @example
 * ```ts
 * import { emojiGlyphs } from "./glyphs.ts";
 * import { sceneQueries } from "./queries.ts";
 *
 * const options = { split: "val", from: 0, to: 2, size: 64 } as const;
 * const queries = sceneQueries("emoji-c", options, await emojiGlyphs());
 * const kinds = await Array.fromAsync(queries, ({ kind }) => kind);
 * console.assert(kinds.join() === "word,word");
 * ```
 */
export async function* sceneQueries(
  set: SceneSet,
  { split, from, to, size }: SceneQueryOptions,
  glyphs: GlyphSource,
): AsyncGenerator<Query> {
  for (let index = from; index < to; index++) {
    const { spec, prompt, kind } = sceneQuestion(set, split, index, size);
    const { image, objects: [{ mask }] } = await makeScene(spec, glyphs);
    yield { image, prompt, kind, mask };
  }
}
