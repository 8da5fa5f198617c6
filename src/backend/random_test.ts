import assert from "node:assert/strict";
import { inverseErf, normal, philox, STREAMS, uniform, uniformAt } from "./random.ts";

function draw(kernel: typeof uniform, count: number, seed = 1, stream = 0, counter = 0) {
  const result = new Float32Array(count);
  kernel.twin({ result }, { count, seed, stream, counter });
  return result;
}

Deno.test("uniform numbers are the words of philox, in order", () => {
  // Counter 0 and key 0: the first known answer below.
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

// The known answers that Random123, the authors' library, tests philox4x32-10 with.
const PHILOX = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

for (const { counter, key, words } of PHILOX) {
  Deno.test(`philox gives the known answer for counter ${counter}`, () => {
    const block = Uint32Array.from(counter);
    philox(block, key[0], key[1]);
    assert.deepEqual([...block], words);
  });
}

// x and torch.erfinv(x) in float64; the last is the largest x that `normal` asks for.
const ERFINV = [
  [1.1920928955078125e-07, 1.0564648216399685e-07],
  [0.001, 0.0008862271574665521],
  [0.25, 0.2253120550121781],
  [0.5, 0.4769362762044699],
  [0.9, 1.1630871536766743],
  [0.99, 1.8213863677184494],
  [0.9999, 2.75106390571208],
  [0.9999996423721313, 3.5993367485320147],
  [0.9999998807907104, 3.7439211627767994],
];

Deno.test("inverseErf agrees with PyTorch and is odd", () => {
  assert.equal(inverseErf(0), 0);
  for (const [x, y] of ERFINV) {
    assert.ok(Math.abs(inverseErf(x) / y - 1) < 1.5e-7, `inverseErf(${x}) = ${inverseErf(x)}`);
    assert.equal(inverseErf(-x), -inverseErf(x));
  }
});
