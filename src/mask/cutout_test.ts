import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import type { Image } from "../image/image.ts";
import { alphaToGrey, cutout, rgba } from "./cutout.ts";

Deno.test("alphaToGrey rounds, and clamps values that a resampling overshot", () => {
  const alpha = Float32Array.of(-0.1, 0.001, 0.002, 0.5, 1, 1.0001);
  const { channels, data } = alphaToGrey({ width: 3, height: 2 }, alpha);
  assert.deepEqual([channels, ...data], [1, 0, 0, 1, 128, 255, 255]);
});

Deno.test("cutout gives the image's colours, not multiplied by their alpha", () => {
  const data = Uint8Array.of(200, 100, 50, 1, 2, 3, 9, 8, 7);
  const image: Image = { width: 3, height: 1, channels: 3, data };
  const clear = cutout(image, Float32Array.of(1, 0, 0.5));
  assert.deepEqual([clear.width, clear.height, clear.channels], [3, 1, 4]);
  assert.deepEqual([...clear.data], [200, 100, 50, 255, 1, 2, 3, 0, 9, 8, 7, 128]);
});

Deno.test("cutout is clear outside the mask, opaque inside, and soft at its edge", () => {
  const image: Image = { width: 5, height: 1, channels: 3, data: new Uint8Array(15) };
  const opacities = (threshold: number) =>
    [...cutout(image, Float32Array.of(0, 0.25, 0.5, 0.6, 1), threshold).data].filter((_, i) =>
      i % 4 === 3
    );
  assert.deepEqual(opacities(0.5), [0, 0, 128, 191, 255]);
  assert.deepEqual(opacities(0.9), [0, 0, 0, 0, 255]);
  assert.deepEqual(opacities(0), [255, 255, 255, 255, 255]);
  assert.deepEqual(opacities(1), [0, 0, 0, 0, 255]);
});

Deno.test("rgba keeps the colours whatever α is, and rounds α", () => {
  const data = Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80, 90);
  const image: Image = { width: 3, height: 1, channels: 3, data };
  const pixels = rgba(image, Float32Array.of(0, 0.5, 1)).data;
  assert.deepEqual([...pixels], [10, 20, 30, 0, 40, 50, 60, 128, 70, 80, 90, 255]);
});

Deno.test("a mask of another size than its image is refused", () => {
  const image: Image = { width: 2, height: 1, channels: 3, data: new Uint8Array(6) };
  const wrong = refusal(/^Invalid mask of 3 numbers for 2×1 pixels/);
  for (const draw of [cutout, rgba, alphaToGrey]) {
    assert.throws(() => draw(image, new Float32Array(3)), wrong);
  }
});

Deno.test("a cutout is nowhere more opaque than the image, and keeps its colours", () => {
  const data = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 100, 70, 80, 90, 255);
  const image: Image = { width: 3, height: 1, channels: 4, data };
  assert.deepEqual(cutout(image, Float32Array.of(1, 1, 1)).data, data);
  assert.deepEqual(
    rgba(image, Float32Array.of(1, 0.5, 0)).data.filter((_, i) => i % 4 === 3),
    Uint8Array.of(0, 50, 0),
  );
});
