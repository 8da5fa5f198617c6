import { uniformAt } from "../backend/random.ts";
import type { Image } from "../image/image.ts";
import type { Pixels } from "../image/resample.ts";
import { EMOJI, HUES, type Rgb, type Thing } from "./emoji.ts";
import type { GlyphSource } from "./glyphs.ts";
import { groundColours, paintGround } from "./grounds.ts";
import { bottom, checkScene, type ObjectSpec, type SceneSpec } from "./scene_spec.ts";
import { turn } from "./turn.ts";

/** An object of a scene. */
export interface SceneObject extends Thing {
  /** (size, size): 255 where the object's alpha is at least ½ and no nearer object's is, else 0. */
  readonly mask: Uint8Array;
}

/** An image of objects with known masks. */
export interface Scene {
  readonly image: Image;
  /**
   * (size, size), inverse depth in 0..1, larger for what is nearer. On the ground it is 0.3 · y, with
   * y from 0 at the top to 1 at the bottom. On an object it is 0.35 + 0.6 · y of its lower end.
   */
  readonly depth: Float32Array;
  /** In the spec's order. */
  readonly objects: readonly SceneObject[];
}

/** Random stream of the scenes. The streams of the algorithm count up from 0 (`STREAMS`). */
const STREAM = 0x5ce4e;

/**
 * Makes an image of emoji on a ground, the true mask of each emoji, and the depth. The same spec
 * gives the same bytes on every machine.
 *
 * @param glyphs Source of the objects' images, e.g. `emojiGlyphs()`.
 * @throws {RangeError} If `checkScene` refuses the spec, or if it gives a hue to a word that has none.
 */
export async function makeScene(spec: SceneSpec, glyphs: GlyphSource): Promise<Scene> {
  checkScene(spec);
  const { seed, size, ground, objects } = spec;
  let drawn = 0;
  const uniform = () => uniformAt(seed, STREAM, 0, drawn++);

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

/** The glyph of an object, in its colour. */
async function coloured({ word, hue }: ObjectSpec, glyphs: GlyphSource): Promise<Pixels> {
  const glyph = await glyphs(word);
  if (hue === undefined) return glyph;
  const own = EMOJI[word].hue;
  if (own === undefined) throw new RangeError(`Expected a word with a hue, got ${hue} for ${word}`);
  return recolour(glyph, HUES[hue] - own);
}

/** Calls `paint` for every pixel of the image that a glyph covers, with its index in both. */
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

/** Mean colour of a premultiplied RGBA image, weighted by alpha. */
function meanColour(rgba: ArrayLike<number>): Rgb {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < rgba.length; i++) sum[i % 4] += rgba[i];
  return [sum[0] / sum[3], sum[1] / sum[3], sum[2] / sum[3]];
}

/**
 * Turns the hue of every pixel by `degrees` of HSV's circle. Saturation, value and alpha stay the same.
 * Colours may be multiplied by alpha, which scales value alone.
 *
 * @param glyph Interleaved RGBA in 0..1.
 */
export function recolour(glyph: Pixels, degrees: number): Pixels {
  const data = Float32Array.from(glyph.data);
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = data.subarray(i, i + 3);
    const value = Math.max(r, g, b);
    const span = value - Math.min(r, g, b);
    if (span === 0) continue;
    const sixths = value === r
      ? (g - b) / span
      : value === g
      ? 2 + (b - r) / span
      : 4 + (r - g) / span;
    const hue = sixths + degrees / 60;
    // Red, green and blue lie at 5, 3 and 1 of HSV's piecewise linear wheel.
    data.set([5, 3, 1].map((n) => value - span * wheel(n + hue)), i);
  }
  return { ...glyph, data };
}

/** The value less a channel, in spans: 0 for a third of the circle, 1 for another third. */
function wheel(sixths: number): number {
  const k = ((sixths % 6) + 6) % 6;
  return Math.max(0, Math.min(1, k, 4 - k));
}
