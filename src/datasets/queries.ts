import type { Query } from "../evaluate/evaluate.ts";
import type { GlyphSource } from "./glyphs.ts";
import { makeScene } from "./scene.ts";
import { type SceneSet, sceneSpec } from "./sets.ts";

/** Which scenes of a set to ask about. */
export interface SceneQueryOptions {
  /** How many, from the set's first on. */
  readonly count: number;
  /** Of the set: another seed gives other scenes. */
  readonly seed: number;
  /** Side of a picture in pixels. */
  readonly size: number;
}

/**
 * One query a scene of a set, in order: its first object. Scenes are made as they are asked for.
 *
 * @example
 * ```ts
 * import { emojiGlyphs } from "./glyphs.ts";
 * import { sceneQueries } from "./queries.ts";
 *
 * const options = { count: 2, seed: 1, size: 64 };
 * const queries = sceneQueries("hard", options, await emojiGlyphs());
 * const prompts = await Array.fromAsync(queries, ({ prompt }) => prompt);
 * console.assert(prompts.join() === "a banana,a doughnut");
 * ```
 */
export async function* sceneQueries(
  set: SceneSet,
  { count, seed, size }: SceneQueryOptions,
  glyphs: GlyphSource,
): AsyncGenerator<Query> {
  for (let index = 0; index < count; index++) {
    const { image, objects: [target] } = await makeScene(
      sceneSpec(set, index, { seed, size }),
      glyphs,
    );
    yield { image, prompt: target.prompt, mask: target.mask };
  }
}
