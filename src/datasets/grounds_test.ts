import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { uniformAt } from "../backend/random.ts";
import { type ColourName, COLOURS, type Rgb } from "./emoji.ts";
import { type Ground, groundColours, GROUNDS, paintGround } from "./grounds.ts";

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [1, 1, 1];

function uniformFrom(seed: number): () => number {
  let n = 0;
  return () => uniformAt(seed, 0, 0, n++);
}

/** Share of white at each pixel. */
function blend(kind: Ground, size: number, draws: number[]): number[] {
  let next = 0;
  const rgb = paintGround(kind, size, [BLACK, WHITE], () => draws[next++ % draws.length]);
  return Array.from({ length: size * size }, (_, i) => rgb[3 * i]);
}

const draws = fc.array(fc.double({ min: 0, max: 1 - 2 ** -24, noNaN: true }), {
  minLength: 1,
  maxLength: 80,
});

for (const kind of GROUNDS) {
  Deno.test(`paintGround ${kind} has no colour out of range, whatever is drawn`, () => {
    fc.assert(fc.property(draws, fc.integer({ min: 1, max: 20 }), (draws, size) => {
      for (const value of blend(kind, size, draws)) assert.ok(value >= 0 && value <= 1);
    }));
  });
}

Deno.test("paintGround stripes and checker take one colour or the other, about half each", () => {
  for (const kind of ["stripes", "checker"] as const) {
    const values = blend(kind, 128, [0.6, 0.3, 0.8]);
    assert.deepEqual([...new Set(values)].sort(), [0, 1]);
    const white = values.filter((value) => value === 1).length / values.length;
    assert.ok(Math.abs(white - 0.5) < 0.15, `${kind} ${white}`);
  }
});

Deno.test("paintGround gradient grows along its direction", () => {
  const values = blend("gradient", 4, [1 - 2 ** -24, 0.5]);
  for (let x = 1; x < 4; x++) assert.ok(values[x] > values[x - 1]);
  assert.deepEqual(values.slice(0, 4), values.slice(12));
});

Deno.test("paintGround noise has both colours and steps between them", () => {
  const uniform = Array.from({ length: 70 }, (_, i) => (i * 0.381966) % 1);
  const values = blend("noise", 64, uniform);
  assert.ok(values.includes(0) && values.includes(1));
  assert.ok(values.some((value) => value > 0.2 && value < 0.8));
});

function clutter(size: number, seed: number): Float32Array {
  return paintGround("clutter", size, [[-1, -1, -1], WHITE], uniformFrom(seed));
}

/** Number of colours, the ground's included. */
function colours(rgb: Float32Array): number {
  const found = new Set<string>();
  for (let i = 0; i < rgb.length; i += 3) found.add(rgb.subarray(i, i + 3).join());
  return found.size;
}

Deno.test("clutter is a dozen shapes and more, on much of the ground and not on all", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const rgb = clutter(128, seed);
    assert.ok(colours(rgb) > 8 && colours(rgb) <= 36, String(colours(rgb)));
    const free = rgb.filter((value) => value === -1).length / rgb.length;
    assert.ok(free > 0.15 && free < 0.9, `seed ${seed}: ${free}`);
  }
});

Deno.test("clutter is the same at every size", () => {
  const [small, large] = [clutter(64, 1), clutter(192, 1)];
  // Pixels of a third of the size have their centres where the larger ones have.
  let different = 0;
  for (let i = 0; i < 64 * 64; i++) {
    const at = (3 * Math.floor(i / 64) + 1) * 192 + 3 * (i % 64) + 1;
    if (small[3 * i] !== large[3 * at]) different++;
  }
  assert.equal(different, 0);
});

const distance = (a: Rgb, b: Rgb) => Math.hypot(...a.map((value, i) => value - b[i]));

const channel = fc.constantFrom(0, 0.2, 0.5, 0.9, 1);
const colour: fc.Arbitrary<Rgb> = fc.tuple(channel, channel, channel);

Deno.test("a ground's colours are told from each other and from up to three objects", () => {
  const means = fc.array(colour, { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(means, fc.nat(), (means, seed) => {
    const [first, second] = groundColours(means, {}, uniformFrom(seed));
    for (const mean of means) {
      assert.ok(distance(first, mean) >= 0.35 && distance(second, mean) >= 0.35);
    }
    assert.ok(distance(first, second) >= 0.35);
  }));
});

Deno.test("at low contrast both colours are close to the first object's, even in a corner", () => {
  fc.assert(fc.property(colour, fc.nat(), (mean, seed) => {
    const means: Rgb[] = [mean, [0.5, 0.4, 0.3]];
    const [first, second] = groundColours(means, { lowContrast: true }, uniformFrom(seed));
    for (const colour of [first, second]) {
      assert.ok(distance(colour, mean) >= 0.1 && distance(colour, mean) <= 0.2);
      assert.ok(colour.every((channel) => channel >= 0 && channel <= 1));
    }
    assert.ok(distance(first, second) >= 0.1);
  }));
});

Deno.test("a named colour is the first, in a shade of it", () => {
  for (const name of Object.keys(COLOURS) as ColourName[]) {
    const [first] = groundColours([COLOURS[name]], { colour: name }, uniformFrom(3));
    assert.ok(first.every((channel) => channel >= 0 && channel <= 1));
    assert.ok(first.every((channel, i) => Math.abs(channel - COLOURS[name][i]) <= 0.06));
    assert.notDeepEqual(first, COLOURS[name]);
  }
});
