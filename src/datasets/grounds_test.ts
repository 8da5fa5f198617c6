import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { type Ground, GROUNDS, paintGround, type Rgb } from "./grounds.ts";

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [1, 1, 1];

/** How much white there is at each pixel. */
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
