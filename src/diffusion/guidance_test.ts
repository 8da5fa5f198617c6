import assert from "node:assert/strict";
import { guide } from "./guidance.ts";
import { assertClose, normals } from "../../tests/vectors.ts";

Deno.test("guide pairs every prompt's unconditional and conditional halves", () => {
  const result = new Float32Array(4);
  const prediction = new Float32Array([1, 2, 3, 4, 2, 4, 6, 8]);
  const buffers = { prediction, noisy: new Float32Array(8), noise: new Float32Array([1, -1]) };
  const scales = { guidanceScale: 3, weight: 0.5, predictionScale: 1, noisyScale: 0 };
  guide.twin({ ...buffers, result }, { planes: 2, count: 2, ...scales });
  // 0.5 · (p_u + 3 (p_c − p_u) − ε)
  assert.deepEqual([...result], [1.5, 4.5, 5.5, 8.5]);
});

Deno.test("guide gives the same for a network that predicts v as for one that predicts ε", () => {
  const count = 100;
  const signal = 0.6, sigma = 0.8;
  const noisy = normals(2 * count, 1).fill(0, count);
  noisy.copyWithin(count, 0, count);
  const epsilon = normals(2 * count, 2), noise = normals(count, 3);
  // v = √ᾱ ε − √(1 − ᾱ) z with z = (z_t − √(1 − ᾱ) ε) / √ᾱ
  const velocity = epsilon.map((e, i) => signal * e - sigma * (noisy[i] - sigma * e) / signal);
  const run = (prediction: Float32Array, predictionScale: number, noisyScale: number) => {
    const result = new Float32Array(count);
    const scales = { guidanceScale: 7.5, weight: 0.4, predictionScale, noisyScale };
    guide.twin({ prediction, noisy, noise, result }, { planes: 1, count, ...scales });
    return result;
  };
  assertClose(run(velocity, signal, sigma), run(epsilon, 1, 0), 1e-5);
});
