import assert from "node:assert/strict";
import { assertClose } from "../../tests/vectors.ts";
import { fourierFeatures } from "./fourier_features.ts";

Deno.test("features are sine and cosine at the pixels' centres: across, then down", () => {
  const [height, width] = [2, 3];
  // a counts cycles across, b cycles down.
  const features = fourierFeatures(Float32Array.of(0.5, 0, 0, 0.25), height, width);
  const rows = Array.from({ length: 4 }, (_, k) => features.subarray(6 * k, 6 * k + 6));
  const across = [1 / 6, 1 / 2, 5 / 6].map((u) => Math.PI * u);
  const down = [1 / 4, 3 / 4].map((v) => Math.PI / 2 * v);
  const wanted = [
    [...across, ...across].map(Math.sin),
    [down[0], down[0], down[0], down[1], down[1], down[1]].map(Math.sin),
    [...across, ...across].map(Math.cos),
    [down[0], down[0], down[0], down[1], down[1], down[1]].map(Math.cos),
  ];
  rows.forEach((row, k) => assertClose(row, wanted[k], 1e-7));
});

Deno.test("features do not wrap: a frequency that is no whole number differs at the edges", () => {
  const [left, , , right] = fourierFeatures(Float32Array.of(0.5, 0), 1, 4);
  // Half a cycle is symmetric about the middle, not about the edge.
  assert(Math.abs(left - right) < 1e-6 && left > 0 && right > 0);
});

Deno.test("high frequencies lose nothing: phases are of 64 bits", () => {
  const frequency = Math.fround(437.77);
  const features = fourierFeatures(Float32Array.of(frequency, -frequency), 1, 1);
  // At (½, ½) the two cancel.
  assertClose(features, [0, 1], 1e-7);
  const [sine] = fourierFeatures(Float32Array.of(1000, 0), 1, 8);
  assertClose(Float32Array.of(sine), [Math.sin(2 * Math.PI * 62.5)], 1e-7);
});
