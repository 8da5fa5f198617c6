import assert from "node:assert/strict";
import { alphaToGrey, cutout } from "./cutout.ts";

Deno.test("alphaToGrey rounds, and clamps what a resampling overshot", () => {
  assert.deepEqual([...alphaToGrey(Float32Array.of(-0.1, 0.001, 0.002, 0.5, 1, 1.0001))], [
    ...[0, 0, 1, 128, 255, 255],
  ]);
});

Deno.test("cutout gives the image's colours, not multiplied by their alpha", () => {
  const data = Uint8Array.of(200, 100, 50, 1, 2, 3, 9, 8, 7);
  const rgba = cutout({ width: 3, height: 1, data }, Float32Array.of(1, 0, 0.5));
  assert.deepEqual([...rgba], [200, 100, 50, 255, 1, 2, 3, 0, 9, 8, 7, 128]);
});

Deno.test("cutout is clear outside the mask, opaque inside, and soft at its edge", () => {
  const image = { width: 5, height: 1, data: new Uint8Array(15) };
  const opacities = (threshold: number) =>
    [...cutout(image, Float32Array.of(0, 0.25, 0.5, 0.6, 1), threshold)].filter((_, i) =>
      i % 4 === 3
    );
  assert.deepEqual(opacities(0.5), [0, 0, 128, 191, 255]);
  assert.deepEqual(opacities(0.9), [0, 0, 0, 0, 255]);
  assert.deepEqual(opacities(0), [255, 255, 255, 255, 255]);
  assert.deepEqual(opacities(1), [0, 0, 0, 0, 255]);
});
