import type { Thing } from "./emoji.ts";
import type { Ground, GroundColours } from "./grounds.ts";
import { spread } from "./turn.ts";

/** Everything that a scene depends on, besides the glyphs. */
export interface SceneSpec extends GroundColours {
  /** Seed of the ground's colours and pattern, a 32-bit integer. */
  readonly seed: number;
  /** Side of the image in pixels. */
  readonly size: number;
  readonly ground: Ground;
  /** One to three objects. The one whose glyph ends lowest is the nearest. */
  readonly objects: readonly ObjectSpec[];
  /** True if nearer objects may hide parts of others. */
  readonly overlap?: boolean | undefined;
}

/** An object with its place in a scene. */
export interface ObjectSpec extends Thing {
  /** Side of the glyph's square before it is turned, as a fraction of the image's side. */
  readonly scale: number;
  /** Distance of the centre from the left, as a fraction of the image's side. */
  readonly x: number;
  /** Distance of the centre from the top, as a fraction of the image's side. */
  readonly y: number;
  /** Degrees clockwise, −45..45. The default is 0. */
  readonly rotation?: number;
}

/** Lower end of an object, as a fraction of the image's side from the top: the lower, the nearer. */
export function bottom({ y, scale }: ObjectSpec): number {
  return y + scale / 2;
}

/**
 * Checks that a scene can be made. A turned glyph takes up the upright square around it. An object may
 * reach outside the image, where it is cut off.
 *
 * @throws {RangeError} If the number of objects, or the scale, place or rotation of one is out of
 * range, or if two meet and `overlap` is not set.
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
  // Places are sums of rounded numbers, so squares that touch may seem to meet.
  const apart = (reach(a) + reach(b)) / 2 - 1e-9;
  return Math.abs(a.x - b.x) < apart && Math.abs(a.y - b.y) < apart;
}

/** Side of the upright square around an object. */
function reach({ scale, rotation = 0 }: ObjectSpec): number {
  return scale * spread(rotation);
}
