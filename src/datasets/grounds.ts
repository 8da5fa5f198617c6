import { resample } from "../image/resample.ts";
import { type ColourName, COLOURS, type Rgb } from "./emoji.ts";

/** The kinds of ground behind the objects of a scene. */
export const GROUNDS = ["plain", "gradient", "noise", "stripes", "checker", "clutter"] as const;

/** One of {@link GROUNDS}. */
export type Ground = typeof GROUNDS[number];

/** Share of the second colour at a point of the unit square, 0..1. */
type Blend = (x: number, y: number) => number;

/**
 * Paints a square ground from two colours, with the same pattern at every size. `plain` is the first
 * colour alone; `clutter` is shapes of any colour on the first.
 *
 * @param uniform Source of the pattern's random numbers, in [0, 1).
 * @returns Interleaved RGB in 0..1, `3 · size · size` long.
 */
export function paintGround(
  kind: Ground,
  size: number,
  [first, second]: readonly [Rgb, Rgb],
  uniform: () => number,
): Float32Array {
  const blend = PATTERNS[kind](uniform, size);
  const rgb = new Float32Array(3 * size * size);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const b = blend((x + 0.5) / size, (y + 0.5) / size);
      for (let c = 0; c < 3; c++) rgb[i++] = first[c] + b * (second[c] - first[c]);
    }
  }
  if (kind === "clutter") paintClutter(rgb, size, uniform);
  return rgb;
}

const PATTERNS: Record<Ground, (uniform: () => number, size: number) => Blend> = {
  plain: () => () => 0,
  clutter: () => () => 0,

  gradient(uniform) {
    const [dx, dy] = [2 * uniform() - 1, 2 * uniform() - 1];
    const span = Math.abs(dx) + Math.abs(dy) || 1;
    return (x, y) => 0.5 + ((x - 0.5) * dx + (y - 0.5) * dy) / span;
  },

  /** Soft blobs: a coarse random lattice, enlarged, with more contrast. */
  noise(uniform, size) {
    const cells = integer(uniform, 4, 8);
    const data = Float32Array.from({ length: cells * cells }, uniform);
    const lattice = { width: cells, height: cells, channels: 1, data };
    const smooth = resample(lattice, { x: 0, y: 0, width: cells, height: cells }, size, size);
    return (x, y) => {
      const value = smooth[Math.floor(y * size) * size + Math.floor(x * size)];
      return Math.min(1, Math.max(0, 0.5 + 3 * (value - 0.5)));
    };
  },

  stripes(uniform) {
    const [dx, dy] = [[1, 0], [0, 1], [1, 1], [1, -1]][integer(uniform, 0, 3)];
    const [count, phase] = [integer(uniform, 5, 12), uniform()];
    // Adding count keeps the argument positive where the direction points up.
    return (x, y) => Math.floor((x * dx + y * dy) * count + phase + count) % 2;
  },

  checker(uniform) {
    const [count, dx, dy] = [integer(uniform, 4, 9), uniform(), uniform()];
    return (x, y) => (Math.floor(x * count + dx) + Math.floor(y * count + dy)) % 2;
  },
};

/** A whole number from `min` to `max`, both included. */
function integer(uniform: () => number, min: number, max: number): number {
  return min + Math.floor(uniform() * (max - min + 1));
}

/** Fewest and most shapes of clutter. */
const SHAPES = [12, 35] as const;

/** Smallest and largest half width of such a shape, as a fraction of the image's side. */
const RADIUS = [0.03, 0.14] as const;

/** Paints boxes and discs of any colour at random places over a ground, (size, size, 3). */
function paintClutter(rgb: Float32Array, size: number, uniform: () => number): void {
  const between = ([min, max]: readonly [number, number]) => min + uniform() * (max - min);
  const count = Math.floor(between([SHAPES[0], SHAPES[1] + 1]));
  for (let n = 0; n < count; n++) {
    const [cx, cy, width] = [uniform(), uniform(), between(RADIUS)];
    const disc = uniform() < 0.5;
    const height = width * between([0.4, 1.4]);
    const colour = [uniform(), uniform(), uniform()];
    for (let i = 0; i < size * size; i++) {
      const [dx, dy] = [(i % size + 0.5) / size - cx, (Math.floor(i / size) + 0.5) / size - cy];
      const inside = disc
        ? dx * dx + dy * dy < width * width
        : Math.abs(dx) < width && Math.abs(dy) < height;
      if (inside) rgb.set(colour, 3 * i);
    }
  }
}

/** Least distance in RGB of a ground's colours from each other and from the objects'. */
const CONTRAST = 0.35;

/** Least and most distance from the first object's colour, on a ground of low contrast. */
const LOW_CONTRAST = [0.1, 0.2] as const;

/** Most that each channel of a named colour is changed by. */
const SHADE = 0.06;

/** Conditions on the colours of a ground. */
export interface GroundColours {
  /** Name of the first colour, of which any shade is taken. The default is a colour by contrast. */
  readonly colour?: ColourName;
  /** True for colours close to the first object's; the default is far from all objects'. */
  readonly lowContrast?: boolean | undefined;
}

/**
 * Chooses the two colours of a ground.
 *
 * @param means The mean colours of one to three objects.
 * @param uniform Source of random numbers in [0, 1).
 */
export function groundColours(
  means: readonly Rgb[],
  { colour, lowContrast = false }: GroundColours,
  uniform: () => number,
): readonly [Rgb, Rgb] {
  const next = lowContrast
    ? (others: readonly Rgb[]) => close(means[0], others, uniform)
    : (others: readonly Rgb[]) => contrasting([...means, ...others], uniform);
  const first = colour === undefined ? next([]) : shade(COLOURS[colour], uniform);
  return [first, next([first])];
}

/** A random colour far from all `others`. It exists: four balls do not fill the colour cube. */
function contrasting(others: readonly Rgb[], uniform: () => number): Rgb {
  while (true) {
    const colour: Rgb = [uniform(), uniform(), uniform()];
    if (others.every((other) => distance2(colour, other) >= CONTRAST * CONTRAST)) return colour;
  }
}

/** A random colour close to `mean` but not equal to it, and at some distance from `others`. */
function close(mean: Rgb, others: readonly Rgb[], uniform: () => number): Rgb {
  const [least, most] = LOW_CONTRAST;
  while (true) {
    const colour = varied(mean, most, uniform);
    const distance = distance2(colour, mean);
    const valid = colour.every((channel) => channel >= 0 && channel <= 1) &&
      distance >= least * least && distance <= most * most &&
      others.every((other) => distance2(colour, other) >= least * least);
    if (valid) return colour;
  }
}

function shade(colour: Rgb, uniform: () => number): Rgb {
  const [r, g, b] = varied(colour, SHADE, uniform).map((channel) =>
    Math.min(1, Math.max(0, channel))
  );
  return [r, g, b];
}

function varied([r, g, b]: Rgb, most: number, uniform: () => number): Rgb {
  const change = () => (2 * uniform() - 1) * most;
  return [r + change(), g + change(), b + change()];
}

function distance2(a: Rgb, b: Rgb): number {
  const [r, g, blue] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return r * r + g * g + blue * blue;
}
