import assert from "node:assert/strict";
import { coverage, thresholdMask } from "./threshold.ts";

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
