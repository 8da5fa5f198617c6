import assert from "node:assert/strict";
import { STREAMS, uniformAt } from "../backend/random.ts";
import { fourierParameters } from "./fourier_graph.ts";
import { drawFrequencies, drawParameters } from "./fourier_init.ts";

const SEED = { seed: 5, network: 0 };
const spread = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

Deno.test("frequencies are N(0, s²): the same draws at every scale", () => {
  const ten = drawFrequencies(SEED, 10), four = drawFrequencies(SEED, 4);
  assert.equal(ten.length, 256);
  assert(Math.abs(spread(ten) - 10) < 1.5, `spread ${spread(ten)}`);
  assert(ten.every((value, i) => Math.abs(value - 2.5 * four[i]) < 1e-4));
  assert.notDeepEqual(drawFrequencies({ ...SEED, network: 1 }, 10), ten);
  assert.notDeepEqual(drawFrequencies({ ...SEED, seed: 6 }, 10), ten);
});

Deno.test("weights and biases are one sequence of U(−1/16, 1/16); γ is 1 and β is 0", () => {
  const layout = fourierParameters(3);
  const values = drawParameters(SEED, layout);
  let drawn = 0;
  layout.forEach(({ name, role, shape: [rows, columns] }, i) => {
    assert.equal(values[i].length, rows * columns, name);
    if (role === "scale") return assert(values[i].every((value) => value === 1), name);
    if (role === "shift") return assert(values[i].every((value) => value === 0), name);
    const at = (k: number) => (2 * uniformAt(5, STREAMS.weights, 0, drawn + k) - 1) / 16;
    for (const k of [0, values[i].length - 1]) assert.equal(values[i][k], at(k), name);
    drawn += values[i].length;
  });
  const [weight] = values;
  // The standard deviation of a uniform distribution is its width over √12.
  assert(Math.abs(spread(weight) * Math.sqrt(12) - 1 / 8) < 1e-3);
});

Deno.test("each network of an optimisation starts from values of its own", () => {
  const layout = fourierParameters(1);
  const [first, second] = [0, 1].map((network) => drawParameters({ ...SEED, network }, layout)[0]);
  assert(first.filter((value, i) => value === second[i]).length < 10);
});
