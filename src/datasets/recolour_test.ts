import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import type { Pixels } from "../image/resample.ts";
import { recolour } from "./recolour.ts";

const pixels = (...rgba: number[]): Pixels => (
  { width: rgba.length / 4, height: 1, channels: 4, data: Float32Array.from(rgba) }
);
const close = (actual: ArrayLike<number>, expected: readonly number[]) =>
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i] - value) < 1e-5, `${i}: ${actual[i]}`)
  );

Deno.test("recolour gives what rotate_hue of the training scenes does", () => {
  const glyph = pixels(0.8, 0.2, 0.1, 1, 0.1, 0.6, 0.4, 1, 0.2, 0.5, 0.9, 1, 0.7, 0.7, 0.2, 1);
  // models/emoji/train/scenes.py on the same pixels.
  const expected = {
    215: [[0.1, 0.291667, 0.8], [0.6, 0.191667, 0.1], [0.791667, 0.9, 0.2], [0.491667, 0.2, 0.7]],
    [-90]: [[0.55, 0.1, 0.8], [0.55, 0.6, 0.1], [0.2, 0.9, 0.25], [0.7, 0.2, 0.45]],
  };
  for (const [degrees, colours] of Object.entries(expected)) {
    close(recolour(glyph, Number(degrees)).data, colours.flatMap((rgb) => [...rgb, 1]));
  }
});

Deno.test("recolour keeps value, saturation and alpha, and is undone by the opposite turn", () => {
  const channel = fc.integer({ min: 0, max: 255 }).map((v) => v / 255);
  const rgba = fc.tuple(channel, channel, channel, channel);
  fc.assert(fc.property(rgba, fc.integer({ min: -720, max: 720 }), ([r, g, b, a], degrees) => {
    const turned = recolour(pixels(r * a, g * a, b * a, a), degrees);
    const rgb = [...turned.data.subarray(0, 3)];
    close([Math.max(...rgb), Math.min(...rgb)], [Math.max(r, g, b) * a, Math.min(r, g, b) * a]);
    assert.equal(turned.data[3], Math.fround(a));
    close(recolour(turned, -degrees).data, [r * a, g * a, b * a]);
  }));
});

Deno.test("recolour commutes with the multiplication by alpha", () => {
  const full = recolour(pixels(0.8, 0.2, 0.4, 1), 100).data;
  close(recolour(pixels(0.4, 0.1, 0.2, 0.5), 100).data, [...full.subarray(0, 3)].map((v) => v / 2));
});
