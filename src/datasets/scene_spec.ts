import type { EmojiWord, Hue } from "./emoji.ts";
import type { Ground } from "./grounds.ts";
import type { GroundColours } from "./ground_colours.ts";
import { spread } from "./turn.ts";

/** All that a scene depends on, besides the glyphs. */
export interface SceneSpec extends GroundColours {
  /** Of the ground's colours and pattern; a 32-bit integer. */
  readonly seed: number;
  /** Side of the image in pixels. */
  readonly size: number;
  readonly ground: Ground;
  /** One to three; the one whose glyph ends lowest is the nearest. */
  readonly objects: readonly ObjectSpec[];
  /** Whether nearer objects may hide parts of others. */
  readonly overlap?: boolean;
}

/** An object of a scene to be made. */
export interface ObjectSpec {
  readonly word: EmojiWord;
  /** Its colour, for a word that has a hue; unless given, that of its emoji. */
  readonly hue?: Hue;
  /** Side of the glyph's square before it is turned, as a fraction of the image's. */
  readonly scale: number;
  /** Centre from the left, as a fraction of the image's side. */
  readonly x: number;
  /** Centre from the top. */
  readonly y: number;
  /** Degrees clockwise, −45..45; upright unless given. */
  readonly rotation?: number;
}

/**
 * Where an object ends at the bottom, as a fraction of the image's side from the top: the lower,
 * the nearer.
 *
 * @example
 * ```ts
 * import { bottom } from "./scene_spec.ts";
 *
 * console.assert(bottom({ word: "dog", scale: 0.5, x: 0.5, y: 0.5 }) === 0.75);
 * ```
 */
export function bottom({ y, scale }: ObjectSpec): number {
  return y + scale / 2;
}

/**
 * Checks that a scene can be made. A turned glyph counts with the upright square around it; what
 * lies outside the image is no mistake, and is cut off.
 *
 * @throws {RangeError} No object or too many, one of no size, centred outside the image or turned
 * too far, or two that meet although the spec does not say that they may.
 *
 * @example
 * ```ts
 * import { checkScene } from "./scene_spec.ts";
 *
 * const dog = { word: "dog", scale: 0.5, x: 0.5, y: 0.5 } as const;
 * checkScene({ seed: 0, size: 64, ground: "plain", objects: [dog] });
 * ```
 */
export function checkScene({ objects, overlap = false }: SceneSpec): void {
  if (objects.length < 1 || objects.length > 3) {
    throw new RangeError(`Expected one to three objects, got ${objects.length}`);
  }
  const unit = (value: number) => value >= 0 && value <= 1;
  for (const { word, scale, x, y, rotation = 0 } of objects) {
    if (!(unit(scale) && scale > 0 && unit(x) && unit(y) && Math.abs(rotation) <= 45)) {
      throw new RangeError(
        `Expected scale in (0, 1], place in 0..1 and rotation in −45..45 for the ${word}, ` +
          `got ${scale}, (${x}, ${y}) and ${rotation}`,
      );
    }
  }
  objects.forEach((a, i) => {
    const meets = objects.slice(0, i).find((b) => meet(a, b));
    if (meets !== undefined && !overlap) {
      throw new RangeError(`Expected objects apart, got a ${a.word} that meets a ${meets.word}`);
    }
  });
}

function meet(a: ObjectSpec, b: ObjectSpec): boolean {
  // Places are sums of rounded numbers: squares may touch.
  const apart = (reach(a) + reach(b)) / 2 - 1e-9;
  return Math.abs(a.x - b.x) < apart && Math.abs(a.y - b.y) < apart;
}

/** Side of the upright square around an object. */
function reach({ scale, rotation = 0 }: ObjectSpec): number {
  return scale * spread(rotation);
}
