import assert from "node:assert/strict";
import { alphaToGrey, cutout } from "./cutout.ts";

Deno.test("alphaToGrey rounds, and clamps what a resampling overshot", () => {
  assert.deepEqual([...alphaToGrey(Float32Array.of(-0.1, 0.001, 0.002, 0.5, 1, 1.0001))], [
    ...[0, 0, 1, 128, 255, 255],
  ]);
});

Deno.test("cutout gives the picture's colours, not multiplied by their alpha", () => {
  const data = Uint8Array.of(200, 100, 50, 1, 2, 3, 9, 8, 7);
  const rgba = cutout({ width: 3, height: 1, data }, Float32Array.of(1, 0, 0.5));
  assert.deepEqual([...rgba], [200, 100, 50, 255, 1, 2, 3, 0, 9, 8, 7, 128]);
});
