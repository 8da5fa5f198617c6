import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { type Pixels, resample } from "../image/resample.ts";
import { spread, turn } from "./turn.ts";

const square = (side: number, value: (x: number, y: number) => number): Pixels => ({
  width: side,
  height: side,
  channels: 1,
  data: Float32Array.from(
    { length: side * side },
    (_, i) => value(i % side, Math.floor(i / side)),
  ),
});
const sum = (data: ArrayLike<number>) => Array.from(data).reduce((a, b) => a + b, 0);

Deno.test("turn by nothing is resample", () => {
  const source = square(5, (x, y) => x + 10 * y);
  const whole = { x: 0, y: 0, width: 5, height: 5 };
  assert.deepEqual(turn(source, 8, 0), { data: resample(source, whole, 8, 8), margin: 0 });
});

Deno.test("turn by almost nothing is almost resample, larger or smaller", () => {
  const source = square(12, (x, y) => (x * 7 + y) % 5);
  for (const side of [5, 12, 30]) {
    const upright = turn(source, side, 0).data;
    const { data, margin } = turn(source, side, 1e-7);
    // But for the border: beside it resample finds no weight, turn clear ground.
    const rim = Math.ceil(side / 12);
    for (let y = rim; y < side - rim; y++) {
      for (let x = rim; x < side - rim; x++) {
        const value = data[(y + margin) * (side + 2 * margin) + x + margin];
        assert.ok(Math.abs(value - upright[y * side + x]) < 1e-4, `side ${side}, (${x}, ${y})`);
      }
    }
  }
});

Deno.test("turn is clockwise", () => {
  const source = square(32, (x, y) => Math.abs(x - 28) < 2 && Math.abs(y - 16) < 2 ? 1 : 0);
  const { data, margin } = turn(source, 32, 30);
  const side = 32 + 2 * margin;
  const total = sum(data);
  const mean = (position: (i: number) => number) =>
    data.reduce((a, value, i) => a + value * (position(i) + 0.5 - side / 2), 0) / total;
  const [x, y] = [mean((i) => i % side), mean((i) => Math.floor(i / side))];
  // The blob's middle is 12.5 pixels right of the centre, half a pixel below.
  const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  assert.ok(Math.abs(x - (12.5 * cos - 0.5 * sin)) < 0.05, String(x));
  assert.ok(Math.abs(y - (12.5 * sin + 0.5 * cos)) < 0.05, String(y));
});

Deno.test("turn keeps the whole image, in the same size", () => {
  fc.assert(fc.property(
    fc.integer({ min: 8, max: 40 }),
    fc.double({ min: -45, max: 45, noNaN: true }),
    (side, degrees) => {
      const { data, margin } = turn(square(16, () => 1), side, degrees);
      assert.equal(data.length, (side + 2 * margin) ** 2);
      assert.ok(Math.abs(sum(data) / side ** 2 - 1) < 0.15, String(sum(data) / side ** 2));
      assert.ok(data.every((value) => value >= 0 && value <= 1 + 1e-6));
    },
  ));
});

Deno.test("spread is |cos| + |sin|, to nine digits for small turns", () => {
  for (const degrees of [-10, -3, 0, 0.5, 10]) {
    const angle = Math.abs(degrees) * Math.PI / 180;
    assert.ok(Math.abs(spread(degrees) - Math.cos(angle) - Math.sin(angle)) < 1e-9);
  }
});
