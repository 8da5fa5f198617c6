import type { Side } from "./emoji.ts";
import type { RandomChoices } from "./random_choices.ts";
import type { ObjectSpec } from "./scene_spec.ts";
import { spread } from "./turn.ts";

/** Place and size of an object. */
export type Placement = Pick<ObjectSpec, "scale" | "x" | "y"> & { readonly rotation: number };

/** Placements of several objects. */
export interface Layout {
  readonly placements: readonly Placement[];
  /** The side of the first object. The second is on the other side. */
  readonly side: Side;
}

/** A part of the image, in fractions of the image's side. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Most degrees that an object is turned by, either way. */
const TILT = 10;

/** Places one object, between the smallest and the largest scale, anywhere inside the image. */
export function placeAlone(scales: readonly [number, number], random: RandomChoices): Placement {
  return placeIn({ x: 0, y: 0, width: 1, height: 1 }, scales, random);
}

/** Places two objects in halves of the image, beside or above each other. */
export function placeApart(random: RandomChoices): Layout {
  const half = random.chance(0.5)
    ? { across: true, width: 0.5, height: 1 }
    : { across: false, width: 1, height: 0.5 };
  const first = random.pick([0, 1]);
  const placements = [first, 1 - first].map((n) =>
    placeIn(
      { ...half, x: half.across ? n / 2 : 0, y: half.across ? 0 : n / 2 },
      [0.36, 0.48],
      random,
    )
  );
  return { placements, side: sideOf(half.across, first) };
}

/** Places two objects whose squares overlap, by less than a third of the smaller one's side. */
export function placeMeeting(random: RandomChoices): Layout {
  const across = random.chance(0.5);
  const first = random.pick([0, 1]);
  const scales = [random.between(0.38, 0.5), random.between(0.38, 0.5)];
  const distance = random.between(0.75, 0.9) * (scales[0] + scales[1]) / 2;
  const middle = random.between(0.35, 0.65);
  const placements = scales.map((scale, i) => {
    const sign = (i === 0) === (first === 0) ? -1 : 1;
    const main = 0.5 + sign * distance / 2;
    const other = middle + random.between(-0.06, 0.06);
    const [x, y] = across ? [main, other] : [other, main];
    return { scale, x, y, rotation: tilt(random) };
  });
  return { placements, side: sideOf(across, first) };
}

/** Places three objects in quarters of the image. */
export function placeThree(random: RandomChoices): Layout {
  const across = random.chance(0.5);
  const first = random.pick([0, 1]);
  // `first` is along the axis that tells the first two apart, `rows` along the other axis.
  const rows = [random.pick([0, 1]), random.pick([0, 1])];
  const last = random.pick([0, 1]);
  const quarters = [[first, rows[0]], [1 - first, rows[1]], [
    last,
    1 - rows[last === first ? 0 : 1],
  ]];
  const placements = quarters.map(([main, other]) => {
    const [column, row] = across ? [main, other] : [other, main];
    return placeIn({ x: column / 2, y: row / 2, width: 0.5, height: 0.5 }, [0.3, 0.42], random);
  });
  return { placements, side: sideOf(across, first) };
}

/** Places an object anywhere in a cell, so that the upright square around it fits. */
function placeIn(
  cell: Cell,
  [min, max]: readonly [number, number],
  random: RandomChoices,
): Placement {
  const rotation = tilt(random);
  const room = Math.min(cell.width, cell.height);
  const scale = Math.min(random.between(min, max), room / spread(rotation));
  const reach = scale * spread(rotation);
  const x = cell.x + reach / 2 + random.between(0, cell.width - reach);
  const y = cell.y + reach / 2 + random.between(0, cell.height - reach);
  return { scale, x, y, rotation };
}

function tilt(random: RandomChoices): number {
  return random.between(-TILT, TILT);
}

function sideOf(across: boolean, n: number): Side {
  return across ? (["left", "right"] as const)[n] : (["top", "bottom"] as const)[n];
}
