import { uniformAt } from "../backend/random.ts";
import type { Image } from "../image/image.ts";
import type { Pixels } from "../image/resample.ts";
import { EMOJI, type EmojiWord, type Hue, HUES } from "./emoji.ts";
import type { GlyphSource } from "./glyphs.ts";
import { groundColours } from "./ground_colours.ts";
import { paintGround, type Rgb } from "./grounds.ts";
import { recolour } from "./recolour.ts";
import { bottom, checkScene, type ObjectSpec, type SceneSpec } from "./scene_spec.ts";
import { turn } from "./turn.ts";

/** An object of a scene. */
export interface SceneObject {
  readonly word: EmojiWord;
  readonly hue?: Hue;
  /** (size, size): 255 where its alpha is at least ½ and no nearer object's is, else 0. */
  readonly mask: Uint8Array;
}

/** An image with objects whose masks are known. */
export interface Scene {
  readonly image: Image;
  /**
   * (size, size), inverse depth in 0..1, nearer is larger: 0.3 · y on the ground, y from 0 at the
   * top to 1 at the bottom; 0.35 + 0.6 · y of its lower end on an object.
   */
  readonly depth: Float32Array;
  /** In the spec's order. */
  readonly objects: readonly SceneObject[];
}

/** Random stream of the scenes; those of the algorithm count up from 0 (`STREAMS`). */
const STREAM = 0x5ce4e;

/**
 * Makes an image of emoji on a ground, the true mask of each, and the depth. The same spec gives
 * the same bytes on every machine.
 *
 * @param spec What to show, how large, and the seed of the ground.
 * @param glyphs Where the objects' images come from, e.g. `emojiGlyphs()`.
 * @throws {RangeError} The spec makes no scene (see `checkScene`), or a word without a hue of its
 * own has been given one.
 *
 * @example
 * ```ts
 * import { emojiGlyphs } from "./glyphs.ts";
 * import { makeScene } from "./scene.ts";
 *
 * const objects = [
 *   { word: "dog", scale: 0.45, x: 0.25, y: 0.5 },
 *   { word: "car", hue: "blue", scale: 0.4, x: 0.75, y: 0.4, rotation: -5 },
 * ] as const;
 * const spec = { seed: 1, size: 64, ground: "stripes", objects } as const;
 * const { image, depth } = await makeScene(spec, await emojiGlyphs());
 * console.assert(image.width === 64 && depth.length === 64 * 64);
 * ```
 */
export async function makeScene(spec: SceneSpec, glyphs: GlyphSource): Promise<Scene> {
  checkScene(spec);
  const { seed, size, ground, objects } = spec;
  let draws = 0;
  const uniform = () => uniformAt(seed, STREAM, 0, draws++);

  const glyphsInColour = await Promise.all(objects.map((object) => coloured(object, glyphs)));
  const colours = groundColours(glyphsInColour.map(({ data }) => meanColour(data)), spec, uniform);
  const rgb = paintGround(ground, size, colours, uniform);
  const depth = Float32Array.from(
    { length: size * size },
    (_, i) => 0.3 * (Math.floor(i / size) + 0.5) / size,
  );

  const masks = objects.map(() => new Uint8Array(size * size));
  const farthestFirst = [...objects.keys()].sort((a, b) => bottom(objects[a]) - bottom(objects[b]));
  for (const i of farthestFirst) {
    const nearness = 0.35 + 0.6 * Math.min(1, bottom(objects[i]));
    lay(glyphsInColour[i], objects[i], size, (pixel, glyph, at) => {
      const alpha = glyph[at + 3];
      for (let c = 0; c < 3; c++) {
        rgb[3 * pixel + c] = glyph[at + c] + (1 - alpha) * rgb[3 * pixel + c];
      }
      if (alpha < 0.5) return;
      for (const mask of masks) mask[pixel] = 0;
      masks[i][pixel] = 255;
      depth[pixel] = nearness;
    });
  }
  const data = Uint8Array.from(rgb, (value) => Math.round(255 * value));
  return {
    image: { width: size, height: size, channels: 3, data },
    depth,
    objects: objects.map(({ word, hue }, i) => ({ word, hue, mask: masks[i] })),
  };
}

/** An object's glyph in its colour. */
async function coloured({ word, hue }: ObjectSpec, glyphs: GlyphSource): Promise<Pixels> {
  const glyph = await glyphs(word);
  if (hue === undefined) return glyph;
  const own = EMOJI[word].hue;
  if (own === undefined) throw new RangeError(`Expected a word with a hue, got ${hue} for ${word}`);
  return recolour(glyph, HUES[hue] - own);
}

/** Calls `paint` for every pixel of the image that a glyph falls on, with where it is in both. */
function lay(
  glyph: Pixels,
  { scale, x, y, rotation = 0 }: ObjectSpec,
  size: number,
  paint: (pixel: number, turned: Float32Array, at: number) => void,
): void {
  const upright = Math.max(1, Math.round(scale * size));
  const { data, margin } = turn(glyph, upright, rotation);
  const side = upright + 2 * margin;
  const left = Math.round(x * size - upright / 2) - margin;
  const top = Math.round(y * size - upright / 2) - margin;
  for (let row = Math.max(0, -top); row < Math.min(side, size - top); row++) {
    for (let column = Math.max(0, -left); column < Math.min(side, size - left); column++) {
      paint((row + top) * size + column + left, data, 4 * (row * side + column));
    }
  }
}

/** The mean of what is visible of a premultiplied RGBA image. */
function meanColour(rgba: ArrayLike<number>): Rgb {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < rgba.length; i++) sum[i % 4] += rgba[i];
  return [sum[0] / sum[3], sum[1] / sum[3], sum[2] / sum[3]];
}
