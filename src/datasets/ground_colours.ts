import { type ColourName, COLOURS } from "./emoji.ts";
import type { Rgb } from "./grounds.ts";

/** How far a ground's colours are from each other and from the objects', as distances in RGB. */
const USUAL = 0.35;

/** How far the colours of a ground of low contrast are from the first object's. */
const LOW = [0.1, 0.2] as const;

/** How much a named colour varies, each of its channels up or down. */
const SHADE = 0.06;

/** What a ground's colours must be like. */
export interface GroundColours {
  /** The first colour, in some shade, whatever the objects' colours; any unless given. */
  readonly colour?: ColourName;
  /** Whether to stay close to the first object's colour; unless it does, away from all objects'. */
  readonly lowContrast?: boolean;
}

/**
 * Chooses the two colours of a ground.
 *
 * @param means The objects' mean colours, one to three.
 * @param uniform Source of the random choices, in [0, 1).
 *
 * @example
 * ```ts
 * import { groundColours } from "./ground_colours.ts";
 *
 * let n = 0;
 * const uniform = () => (n++ * 0.381966) % 1;
 * const [[red, , blue]] = groundColours([[0.5, 0.5, 0.5]], { colour: "blue" }, uniform);
 * console.assert(blue > red + 0.5);
 * ```
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

/** A random colour that none of `others` is easily mistaken for: four balls do not fill the cube. */
function contrasting(others: readonly Rgb[], uniform: () => number): Rgb {
  while (true) {
    const colour: Rgb = [uniform(), uniform(), uniform()];
    if (others.every((other) => distance2(colour, other) >= USUAL * USUAL)) return colour;
  }
}

/** A random colour close to `mean`, though not quite the same, and told from `others`. */
function close(mean: Rgb, others: readonly Rgb[], uniform: () => number): Rgb {
  const [least, most] = LOW;
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
