import { uniformAt } from "../backend/random.ts";
import type { Image } from "../image/image.ts";
import { resample } from "../image/resample.ts";
import { type EmojiWord, promptFor } from "./emoji_words.ts";
import type { GlyphSource } from "./glyphs.ts";
import { type Ground, paintGround, type Rgb } from "./grounds.ts";

/** All that a scene depends on, besides the glyphs. */
export interface SceneSpec {
  /** Of everything not said here: colours, pattern, places; a 32-bit integer. */
  readonly seed: number;
  /** Side of the picture in pixels. */
  readonly size: number;
  readonly ground: Ground;
  /** One object, or one in each half. */
  readonly objects: readonly ObjectSpec[];
}

/** An object of a scene to be made. */
export interface ObjectSpec {
  readonly word: EmojiWord;
  /** Side of the glyph's square, as a fraction of the picture's; at most ½ in a half. */
  readonly scale: number;
  /** Where it may be. */
  readonly part: Part;
}

/** A part of a scene that one object has to itself. */
export type Part = "whole" | "left" | "right";

/** An object of a scene. */
export interface SceneObject {
  readonly word: EmojiWord;
  /** What to ask for, e.g. `"a dog"`. */
  readonly prompt: string;
  /** (size, size): 255 where the object's alpha is at least ½, else 0. */
  readonly mask: Uint8Array;
}

/** A picture with objects whose masks are known. */
export interface Scene {
  readonly image: Image;
  readonly objects: readonly SceneObject[];
}

/** Random stream of the scenes; those of the algorithm count up from 0 (`STREAMS`). */
const STREAM = 0x5ce4e;

/** How far a ground's colours stay from each other and from the objects' mean colours, in RGB. */
const CONTRAST = 0.35;

/**
 * Makes a picture of emoji on a ground, and the true mask of each. The same spec gives the same
 * bytes on every machine.
 *
 * @param spec What to show, how large, and the seed of the rest.
 * @param glyphs Where the objects' pictures come from, e.g. `emojiGlyphs()`.
 * @throws {RangeError} Two objects that may meet, or one larger than its part of the picture.
 *
 * @example
 * ```ts
 * import { emojiGlyphs } from "./glyphs.ts";
 * import { makeScene } from "./scene.ts";
 *
 * const objects = [
 *   { word: "dog", scale: 0.45, part: "left" },
 *   { word: "cat", scale: 0.4, part: "right" },
 * ] as const;
 * const spec = { seed: 1, size: 64, ground: "stripes", objects } as const;
 * const scene = await makeScene(spec, await emojiGlyphs());
 * console.assert(scene.image.width === 64 && scene.objects[1].prompt === "a cat");
 * ```
 */
export async function makeScene(spec: SceneSpec, glyphs: GlyphSource): Promise<Scene> {
  const { seed, size, ground, objects } = spec;
  checkObjects(objects);
  let draws = 0;
  const uniform = () => uniformAt(seed, STREAM, 0, draws++);

  const pictures = await Promise.all(objects.map(({ word }) => glyphs(word)));
  const means = pictures.map(({ data }) => meanColour(data));
  const first = contrasting(means, uniform);
  const second = contrasting([...means, first], uniform);
  const rgb = paintGround(ground, size, [first, second], uniform);

  const placed = objects.map(({ word, scale, part }, i) => {
    const { x, width } = columns(part, size);
    const side = Math.min(width, Math.max(1, Math.round(scale * size)));
    const left = x + Math.floor(uniform() * (width - side + 1));
    const top = Math.floor(uniform() * (size - side + 1));
    const whole = { x: 0, y: 0, width: pictures[i].width, height: pictures[i].height };
    const glyph = resample(pictures[i], whole, side, side);
    return { word, prompt: promptFor(word), mask: lay(glyph, side, left, top, rgb, size) };
  });
  const data = Uint8Array.from(rgb, (value) => Math.round(255 * value));
  return { image: { width: size, height: size, data }, objects: placed };
}

function checkObjects(objects: readonly ObjectSpec[]) {
  const parts = objects.map(({ part }) => part).sort().join();
  if (!["whole", "left", "right", "left,right"].includes(parts)) {
    throw new RangeError(`Expected one object, or one in each half, got parts "${parts}"`);
  }
  for (const { word, scale, part } of objects) {
    const most = part === "whole" ? 1 : 0.5;
    if (!(scale > 0 && scale <= most)) {
      throw new RangeError(`Expected a scale up to ${most} for the ${word}, got ${scale}`);
    }
  }
}

/** The columns of the picture that a part has; halves leave an odd middle column free. */
function columns(part: Part, size: number): { x: number; width: number } {
  const half = Math.floor(size / 2);
  return {
    whole: { x: 0, width: size },
    left: { x: 0, width: half },
    right: { x: size - half, width: half },
  }[part];
}

/** Blends a premultiplied RGBA square over the picture at a corner, and gives its mask. */
function lay(
  glyph: Float32Array,
  side: number,
  left: number,
  top: number,
  rgb: Float32Array,
  size: number,
): Uint8Array {
  const mask = new Uint8Array(size * size);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = 4 * (y * side + x);
      const to = (y + top) * size + x + left;
      const alpha = glyph[from + 3];
      for (let c = 0; c < 3; c++) {
        rgb[3 * to + c] = glyph[from + c] + (1 - alpha) * rgb[3 * to + c];
      }
      if (alpha >= 0.5) mask[to] = 255;
    }
  }
  return mask;
}

/** The mean of what is visible of a premultiplied RGBA picture. */
function meanColour(rgba: ArrayLike<number>): Rgb {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < rgba.length; i++) sum[i % 4] += rgba[i];
  return [sum[0] / sum[3], sum[1] / sum[3], sum[2] / sum[3]];
}

/** A random colour that none of `others` is easily mistaken for. */
function contrasting(others: readonly Rgb[], uniform: () => number): Rgb {
  while (true) {
    const colour: Rgb = [uniform(), uniform(), uniform()];
    if (others.every((other) => distance2(colour, other) >= CONTRAST ** 2)) return colour;
  }
}

function distance2(a: Rgb, b: Rgb): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}
