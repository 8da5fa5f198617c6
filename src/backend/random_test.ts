import assert from "node:assert/strict";
import { normal, STREAMS, uniform, uniformAt } from "./random.ts";

function draw(kernel: typeof uniform, count: number, seed = 1, stream = 0, counter = 0) {
  const result = new Float32Array(count);
  kernel.twin({ result }, { count, seed, stream, counter });
  return result;
}

Deno.test("uniform numbers are the words of philox, in order", () => {
  // Counter 0 and key 0: the first known answer of philox_test.ts.
  const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
  assert.deepEqual([...draw(uniform, 4, 0)], words.map((word) => (word >>> 8) / 2 ** 24));
});

Deno.test("uniformAt is one element of uniform", () => {
  const drawn = draw(uniform, 11, 0xfedcba98, STREAMS.noise, 3);
  const one = Array.from(drawn, (_, i) => uniformAt(0xfedcba98, STREAMS.noise, 3, i));
  assert.deepEqual([...drawn], one);
});

Deno.test("a shorter draw is the beginning of a longer one", () => {
  assert.deepEqual(draw(normal, 7), draw(normal, 100).subarray(0, 7));
});

Deno.test("seed, stream and counter each give unrelated numbers", () => {
  const n = 4096;
  const first = draw(normal, n, 1, 0, 0);
  for (const key of [[2, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1]]) {
    const other = draw(normal, n, ...key);
    const correlation = first.reduce((sum, x, i) => sum + x * other[i], 0) / n;
    // Four standard deviations of the correlation of independent samples.
    assert.ok(Math.abs(correlation) < 4 / Math.sqrt(n), `${key}: ${correlation}`);
  }
});

Deno.test("streams are all different", () => {
  const numbers = Object.values(STREAMS);
  assert.equal(new Set(numbers).size, numbers.length);
});

Deno.test("uniform numbers are uniform in [0, 1)", () => {
  const n = 1 << 16;
  const drawn = draw(uniform, n).sort();
  assert.ok(drawn[0] >= 0 && drawn[n - 1] < 1);
  // Kolmogorov-Smirnov: 1.95 / √n is exceeded once in a thousand.
  const distance = Math.max(...drawn.map((u, i) => Math.abs(u - (i + 0.5) / n)));
  assert.ok(distance < 1.95 / Math.sqrt(n), `${distance}`);
});

Deno.test("normal numbers follow the normal distribution", () => {
  const n = 1 << 16;
  const drawn = draw(normal, n);
  const moment = (k: number) => drawn.reduce((sum, x) => sum + x ** k, 0) / n;
  // Four standard deviations of each moment's estimate: its variance is (μ_2k − μ_k²) / n.
  const expected = [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]];
  for (const [k, mean, variance] of expected) {
    const distance = Math.abs(moment(k) - mean);
    assert.ok(distance < 4 * Math.sqrt(variance / n), `moment ${k}: ${moment(k)}`);
  }
  // Φ at a few points, within four standard deviations of a binomial share.
  const table = [
    [-3, 0.0013498980],
    [-2, 0.0227501319],
    [-1, 0.1586552539],
    [0, 0.5],
    [0.5, 0.6914624613],
    [1.5, 0.9331927987],
    [2.5, 0.9937903347],
  ];
  for (const [z, phi] of table) {
    const share = drawn.reduce((sum, x) => sum + (x < z ? 1 : 0), 0) / n;
    assert.ok(Math.abs(share - phi) < 4 * Math.sqrt(phi * (1 - phi) / n), `Φ(${z}): ${share}`);
  }
});

Deno.test("normal numbers are finite, never zero", () => {
  for (const x of draw(normal, 1 << 20)) {
    if (!(Math.abs(x) < 5.5) || x === 0) assert.fail(`drew ${x}`);
  }
});
