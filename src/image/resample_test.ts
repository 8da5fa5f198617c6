import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import type { Image } from "./image.ts";
import { resample, shrink } from "./resample.ts";
import { assertClose } from "../../tests/vectors.ts";

const whole = (width: number, height: number) => ({ x: 0, y: 0, width, height });

Deno.test("resample agrees with Pillow's BILINEAR on floats", () => {
  const data = Float32Array.from({ length: 35 }, (_, i) => (i * i * 7) % 11);
  const source = { width: 7, height: 5, channels: 1, data };
  // deno-fmt-ignore
  assertClose(resample(source, whole(7, 5), 3, 4), [
    4.57143, 5.92647, 7.5, 5.60714, 6.15686, 5.5, 4.77381, 6.70588, 6.08333, 5.60714, 6.11765,
    4.53571,
  ], 1e-5);
  // deno-fmt-ignore
  assertClose(resample(source, whole(7, 5), 10, 2), [
    2.95455, 4.60455, 6.20455, 6.90455, 7.60455, 5.67955, 1.77955, 6.32955, 7.72955, 7.45455,
    7.95455, 4.37955, 3.07955, 7.62955, 7.30455, 6.60455, 5.80455, 3.70455, 5.20455, 7.95455,
  ], 1e-5);
});

Deno.test("resample to the same size changes nothing", () => {
  const data = fc.float32Array({
    minLength: 24,
    maxLength: 24,
    noNaN: true,
    noDefaultInfinity: true,
  });
  fc.assert(fc.property(data, (data) => {
    const same = resample({ width: 4, height: 3, channels: 2, data }, whole(4, 3), 4, 3);
    assertClose(same, [...data], 0);
  }));
});

Deno.test("resample keeps a constant, and stays within the values it is given", () => {
  const side = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (w, h, W, H, values) => {
        const data = Float32Array.from({ length: w * h }, () => values.next().value as number);
        const out = resample({ width: w, height: h, channels: 1, data }, whole(w, h), W, H);
        assert.equal(out.length, W * H);
        const [min, max] = [Math.min(...data), Math.max(...data)];
        for (const value of out) assert.ok(value >= min - 1e-6 && value <= max + 1e-6);
      },
    ),
  );
});

Deno.test("resample averages what it reduces: a fine checker becomes flat grey", () => {
  const data = Uint8Array.from({ length: 96 * 96 }, (_, i) => 255 * ((i + Math.floor(i / 96)) % 2));
  const out = resample({ width: 96, height: 96, channels: 1, data }, whole(96, 96), 8, 8);
  for (const value of out) assert.ok(Math.abs(value - 127.5) < 3, String(value));
});

Deno.test("resample takes nothing from beside the rectangle", () => {
  const data = Float32Array.of(9, 9, 9, 9, 9, 1, 2, 9, 9, 9, 9, 9);
  const source = { width: 4, height: 3, channels: 1, data };
  assertClose(resample(source, { x: 1, y: 1, width: 2, height: 1 }, 4, 2), [
    ...[1, 1.25, 1.75, 2],
    ...[1, 1.25, 1.75, 2],
  ], 0);
});

Deno.test("resample keeps interleaved channels apart", () => {
  const data = Float32Array.of(0, 10, 4, 30);
  const out = resample({ width: 2, height: 1, channels: 2, data }, whole(2, 1), 4, 1);
  assertClose(out, [0, 10, 1, 15, 3, 25, 4, 30], 0);
});

Deno.test("resample enlarges bilinearly, with half-pixel centres", () => {
  const source = { width: 2, height: 1, channels: 1, data: Float32Array.of(0, 1) };
  assert.deepEqual(
    [...resample(source, { x: 0, y: 0, width: 2, height: 1 }, 4, 1)],
    [0, 0.25, 0.75, 1],
  );
});

Deno.test("shrink makes a large image smaller and leaves a small one alone", () => {
  const wide: Image = { width: 4, height: 2, channels: 3, data: new Uint8Array(24).fill(9) };
  const { width, height, channels, data } = shrink(wide, 2);
  assert.deepEqual([width, height, channels, ...data], [2, 1, 3, 9, 9, 9, 9, 9, 9]);
  assert.equal(shrink(wide, 4), wide);
});
