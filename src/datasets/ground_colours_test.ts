import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { uniformAt } from "../backend/random.ts";
import { type ColourName, COLOURS } from "./emoji.ts";
import { groundColours } from "./ground_colours.ts";
import type { Rgb } from "./grounds.ts";

function uniformFrom(seed: number): () => number {
  let n = 0;
  return () => uniformAt(seed, 0, 0, n++);
}
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
