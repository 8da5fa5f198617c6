import type { Draws } from "./draws.ts";
import type { Side } from "./phrase.ts";
import type { ObjectSpec } from "./scene_spec.ts";
import { spread } from "./turn.ts";

/** Where and how large an object is. */
export type Placement = Pick<ObjectSpec, "scale" | "x" | "y"> & { readonly rotation: number };

/** Placements of several objects. */
export interface Layout {
  readonly placements: readonly Placement[];
  /** The side that the first is on, and the second is not. */
  readonly side: Side;
}

/** A part of the image, in fractions of its side. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Most degrees an object is turned by. */
const TILT = 10;

/**
 * Places one object anywhere in the image, wholly inside.
 *
 * @param scales Smallest and largest scale.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { placeAlone } from "./layout.ts";
 *
 * const { scale, x } = placeAlone([0.2, 0.3], drawsFrom(1, 2, 3));
 * console.assert(scale >= 0.2 && scale < 0.3 && x - scale / 2 >= 0);
 * ```
 */
export function placeAlone(scales: readonly [number, number], draws: Draws): Placement {
  return placeIn({ x: 0, y: 0, width: 1, height: 1 }, scales, draws);
}

/**
 * Places two objects in halves of the image, beside or above each other.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { placeApart } from "./layout.ts";
 *
 * const { placements } = placeApart(drawsFrom(1, 2, 3));
 * console.assert(placements.length === 2);
 * ```
 */
export function placeApart(draws: Draws): Layout {
  const half = draws.chance(0.5)
    ? { across: true, width: 0.5, height: 1 }
    : { across: false, width: 1, height: 0.5 };
  const first = draws.pick([0, 1]);
  const placements = [first, 1 - first].map((n) =>
    placeIn(
      { ...half, x: half.across ? n / 2 : 0, y: half.across ? 0 : n / 2 },
      [0.36, 0.48],
      draws,
    )
  );
  return { placements, side: sideOf(half.across, first) };
}

/**
 * Places two objects so that their squares meet, by less than a third of the smaller one's side.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { placeMeeting } from "./layout.ts";
 *
 * const { placements: [a, b] } = placeMeeting(drawsFrom(1, 2, 3));
 * console.assert(Math.hypot(a.x - b.x, a.y - b.y) < 0.5);
 * ```
 */
export function placeMeeting(draws: Draws): Layout {
  const across = draws.chance(0.5);
  const first = draws.pick([0, 1]);
  const scales = [draws.between(0.38, 0.5), draws.between(0.38, 0.5)];
  const distance = draws.between(0.75, 0.9) * (scales[0] + scales[1]) / 2;
  const middle = draws.between(0.35, 0.65);
  const placements = scales.map((scale, i) => {
    const sign = (i === 0) === (first === 0) ? -1 : 1;
    const main = 0.5 + sign * distance / 2;
    const other = middle + draws.between(-0.06, 0.06);
    const [x, y] = across ? [main, other] : [other, main];
    return { scale, x, y, rotation: tilt(draws) };
  });
  return { placements, side: sideOf(across, first) };
}

/**
 * Places three objects in quarters of the image.
 *
 * @example
 * ```ts
 * import { drawsFrom } from "./draws.ts";
 * import { placeThree } from "./layout.ts";
 *
 * console.assert(placeThree(drawsFrom(1, 2, 3)).placements.length === 3);
 * ```
 */
export function placeThree(draws: Draws): Layout {
  const across = draws.chance(0.5);
  const first = draws.pick([0, 1]);
  // Along the axis that tells the first two apart, and along the other.
  const rows = [draws.pick([0, 1]), draws.pick([0, 1])];
  const last = draws.pick([0, 1]);
  const quarters = [[first, rows[0]], [1 - first, rows[1]], [
    last,
    1 - rows[last === first ? 0 : 1],
  ]];
  const placements = quarters.map(([main, other]) => {
    const [column, row] = across ? [main, other] : [other, main];
    return placeIn({ x: column / 2, y: row / 2, width: 0.5, height: 0.5 }, [0.3, 0.42], draws);
  });
  return { placements, side: sideOf(across, first) };
}

/** Places an object in a cell, anywhere it fits with the upright square around it. */
function placeIn(cell: Cell, [min, max]: readonly [number, number], draws: Draws): Placement {
  const rotation = tilt(draws);
  const room = Math.min(cell.width, cell.height);
  const scale = Math.min(draws.between(min, max), room / spread(rotation));
  const reach = scale * spread(rotation);
  const x = cell.x + reach / 2 + draws.between(0, cell.width - reach);
  const y = cell.y + reach / 2 + draws.between(0, cell.height - reach);
  return { scale, x, y, rotation };
}

function tilt(draws: Draws): number {
  return draws.between(-TILT, TILT);
}

function sideOf(across: boolean, n: number): Side {
  return across ? (["left", "right"] as const)[n] : (["top", "bottom"] as const)[n];
}
