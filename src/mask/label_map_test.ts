import assert from "node:assert/strict";
import { labelMap } from "./label_map.ts";

Deno.test("labelMap gives each pixel to the largest α, the first of equal ones", () => {
  const a = Float32Array.of(0.9, 0.6, 0.5, 0.2, 0);
  const b = Float32Array.of(0.1, 0.8, 0.5, 0.3, 0);
  const c = Float32Array.of(0.2, 0.7, 0.1, 0.5, 0.49);
  const { indices, coverage } = labelMap([a, b, c], 0.5);
  assert.deepEqual([...indices], [1, 2, 1, 3, 0]);
  assert.deepEqual(coverage, [1 / 5, 2 / 5, 1 / 5, 1 / 5]);
});

Deno.test("labelMap leaves out what no mask takes, at any threshold", () => {
  const alphas = [Float32Array.of(0, 1), Float32Array.of(0, 0.9)];
  assert.deepEqual([...labelMap(alphas, 1).indices], [0, 1]);
  assert.deepEqual([...labelMap(alphas, 0).indices], [1, 1]);
  assert.deepEqual(labelMap(alphas, 1).coverage, [0.5, 0.5, 0]);
});
