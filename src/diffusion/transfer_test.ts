import assert from "node:assert/strict";
import { assertClose, normals } from "../../tests/vectors.ts";
import { NO_CLIP, transfer } from "./transfer.ts";

const COUNT = 100;
const level = (alphaCumprod: number) => [Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod)];

/** Moves latents along up to four estimates of their noise. */
function move(
  start: Float32Array,
  estimates: readonly Float32Array[],
  weights: readonly number[],
  { from, to, clip = NO_CLIP }: { from: number; to: number; clip?: number },
) {
  const [noise0, noise1, noise2, noise3] = [0, 1, 2, 3].map((k) =>
    estimates[k] ?? new Float32Array(start.length)
  );
  const [weight0, weight1, weight2, weight3] = [0, 1, 2, 3].map((k) => weights[k] ?? 0);
  const [[signal, sigma], [nextSignal, nextSigma]] = [level(from), level(to)];
  const result = new Float32Array(start.length), batch = new Float32Array(2 * start.length);
  transfer.twin({ start, noise0, noise1, noise2, noise3, result, batch }, {
    count: start.length,
    ...{ weight0, weight1, weight2, weight3, signal, sigma, nextSignal, nextSigma, clip },
  });
  return { result, batch };
}

Deno.test("with the true noise, transfer takes noisy latents to any other level exactly", () => {
  const z = normals(COUNT, 1), noise = normals(COUNT, 2);
  const at = (alphaCumprod: number) => {
    const [signal, sigma] = level(alphaCumprod);
    return z.map((value, i) => signal * value + sigma * noise[i]);
  };
  for (const [from, to] of [[0.01, 0.3], [0.3, 0.9], [0.9, 1], [0.5, 0.2]]) {
    const { result, batch } = move(at(from), [noise], [1], { from, to });
    assertClose(result, at(to), 1e-5);
    assert.deepEqual(batch, Float32Array.from([...result, ...result]));
  }
});

Deno.test("transfer weighs the estimates: halves of a sum do what the sum does", () => {
  const start = normals(COUNT, 1);
  const parts = [2, 3, 4, 5].map((seed) => normals(COUNT, seed));
  const weights = [2.3, -2.4, 1.5, -0.4];
  const sum = start.map((_, i) => weights.reduce((e, w, k) => e + w * parts[k][i], 0));
  const levels = { from: 0.2, to: 0.4 };
  assertClose(
    move(start, parts, weights, levels).result,
    move(start, [sum], [1], levels).result,
    1e-5,
  );
});

Deno.test("transfer bounds the clean latents, not the noise", () => {
  const start = Float32Array.of(10, -10, 0.5), noise = Float32Array.of(1, -1, 0.25);
  const { result } = move(start, [noise], [1], { from: 0.36, to: 0.64, clip: 1 });
  // ẑ_0 = (z − 0.8 e) / 0.6 is beyond ±1 in the first two, 0.5 in the third.
  assertClose(result, [0.8 + 0.6, -0.8 - 0.6, 0.8 * 0.5 + 0.6 * 0.25], 1e-6);
});
