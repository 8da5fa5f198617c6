import table from "./look_alikes.json" with { type: "json" };
import { EMOJI_WORDS, type EmojiWord, shareName } from "./emoji.ts";
import type { GlyphSource } from "./glyphs.ts";
import { resample } from "../image/resample.ts";

/** Side of the thumbnails that are compared, in pixels. */
const THUMBNAIL = 16;

/** Number of look-alikes per word. */
const COUNT = 3;

/**
 * The three look-alikes of each word, the nearest first, as {@link findLookAlikes} finds them.
 * `deno run -A tasks/look_alikes.ts` writes the table.
 */
export const LOOK_ALIKES = table as unknown as Readonly<Record<EmojiWord, readonly EmojiWord[]>>;

/**
 * Finds the look-alikes of each word: the words whose emoji, reduced to 16 × 16, differ least in the
 * sum of squares over premultiplied red, green and blue, and alpha. Words that share a name, such as
 * `bear` and `polar bear`, do not count.
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
