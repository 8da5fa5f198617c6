import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { coverage, mask, thresholdMask } from "./threshold.ts";

Deno.test("thresholdMask takes the threshold itself in", () => {
  const alpha = Float32Array.of(0, 0.25, 0.49999, 0.5, 0.75, 1);
  assert.deepEqual([...thresholdMask(alpha, 0.5)], [0, 0, 0, 255, 255, 255]);
  assert.deepEqual([...thresholdMask(alpha, 0)], [255, 255, 255, 255, 255, 255]);
  assert.deepEqual([...thresholdMask(alpha, 1)], [0, 0, 0, 0, 0, 255]);
});

Deno.test("coverage is the fraction thresholdMask sets", () => {
  const alpha = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
  for (const threshold of [0, 0.25, 0.5, 1]) {
    const set = thresholdMask(alpha, threshold).filter((value) => value === 255).length;
    assert.equal(coverage(alpha, threshold), set / 1000);
  }
});

Deno.test("mask is an image of one channel, and refuses an α of another size", () => {
  const { width, height, channels, data } = mask(
    { width: 1, height: 2 },
    Float32Array.of(0.4, 0.5),
  );
  assert.deepEqual([width, height, channels, ...data], [1, 2, 1, 0, 255]);
  assert.throws(
    () => mask({ width: 1, height: 2 }, new Float32Array(3)),
    refusal(/^Invalid mask of 3 numbers for 1×2 pixels/),
  );
});
