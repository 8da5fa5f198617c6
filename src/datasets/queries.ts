import type { Image } from "../image/image.ts";
import type { GlyphSource } from "./glyphs.ts";
import { makeScene } from "./scene.ts";
import { sceneQuestion, type SceneSet, type Split } from "./sets.ts";

/** A question of a benchmark: an image, a prompt, and the true mask of what the prompt names. */
export interface Query {
  readonly image: Image;
  readonly prompt: string;
  /** Kind of the question, if the benchmark has several: each kind is also summed up by itself. */
  readonly kind?: string;
  /** (height, width), inside where it is not 0. */
  readonly mask: Uint8Array;
}

/** Options of {@link sceneQueries}. */
export interface SceneQueryOptions {
  readonly split: Split;
  /** Place of the first scene in the split. */
  readonly from: number;
  /** Place after the last scene. */
  readonly to: number;
  /** Side of an image in pixels. */
  readonly size: number;
}

/**
 * Makes the scenes of a set, one by one and in order, as queries.
 *
 * @throws {RangeError} If the split ends before `to`.
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
