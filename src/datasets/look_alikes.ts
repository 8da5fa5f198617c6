import table from "./look_alikes.json" with { type: "json" };
import { EMOJI_WORDS, type EmojiWord } from "./emoji.ts";
import type { GlyphSource } from "./glyphs.ts";
import { resample } from "../image/resample.ts";
import { shareName } from "./things.ts";

/** Side of the thumbnails that are compared, in pixels. */
const THUMBNAIL = 16;

/** How many look-alikes a word has. */
const COUNT = 3;

/**
 * For each word the three whose emoji look most like its own, the nearest first, as
 * {@link findLookAlikes} finds them: `deno run -A tasks/look_alikes.ts` writes the table.
 *
 * @example
 * ```ts
 * import { LOOK_ALIKES } from "./look_alikes.ts";
 *
 * console.assert(LOOK_ALIKES.dog.length === 3);
 * ```
 */
export const LOOK_ALIKES = table as unknown as Readonly<Record<EmojiWord, readonly EmojiWord[]>>;

/**
 * Finds each word's look-alikes: the words whose emoji, reduced to 16 × 16, differ least in the
 * sum of squares over red, green and blue multiplied by alpha, and alpha. Words that share a name,
 * such as `bear` and `polar bear`, are left out.
 *
 * @example
 * ```ts
 * import { findLookAlikes } from "./look_alikes.ts";
 *
 * const grey = { width: 1, height: 1, channels: 4, data: Float32Array.of(0.5, 0.5, 0.5, 1) };
 * const found = await findLookAlikes(() => Promise.resolve(grey));
 * console.assert(found.dog.length === 3);
 * ```
 */
export async function findLookAlikes(
  glyphs: GlyphSource,
): Promise<Record<EmojiWord, EmojiWord[]>> {
  const thumbnails = new Map<EmojiWord, Float32Array>();
  for (const word of EMOJI_WORDS) {
    const glyph = await glyphs(word);
    const whole = { x: 0, y: 0, width: glyph.width, height: glyph.height };
    thumbnails.set(word, resample(glyph, whole, THUMBNAIL, THUMBNAIL));
  }
  const nearest = (word: EmojiWord) =>
    EMOJI_WORDS.filter((other) => !shareName(word, other))
      .map((other) => ({
        other,
        distance: distance2(thumbnails.get(word)!, thumbnails.get(other)!),
      }))
      .sort((a, b) => a.distance - b.distance).slice(0, COUNT).map(({ other }) => other);
  return Object.fromEntries(EMOJI_WORDS.map((word) => [word, nearest(word)])) as Record<
    EmojiWord,
    EmojiWord[]
  >;
}

function distance2(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}
