import assert from "node:assert/strict";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";
import { referenceField } from "../../tests/fourier_reference.ts";
import { assertClose, normals } from "../../tests/vectors.ts";
import { STREAMS, uniformAt } from "../backend/random.ts";
import {
  drawFrequencies,
  drawParameters,
  FEATURES,
  FIELD,
  fourierFeatures,
  fourierGraph,
  fourierParameters,
} from "./fourier_graph.ts";

Deno.test("the graph computes each network's equations, with its own batch statistics", async () => {
  const shape = { networks: 2, channels: 3, height: 3, width: 5 };
  const pixels = 15;
  const layout = fourierParameters(shape.channels);
  const features = normals(256 * pixels, 1);
  // Networks that differ in every tensor.
  const phis = [0, 1].map((network) =>
    Object.fromEntries(layout.map(({ name, shape: [rows, columns] }, i) => [
      name,
      normals(rows * columns, 2 + 100 * network + i).map((value) => value / Math.sqrt(columns)),
    ]))
  );
  const feeds = Object.fromEntries(layout.map(({ name, shape }) => [
    name,
    { shape: [2, ...shape], data: phis.flatMap((phi) => [...phi[name]]) },
  ]));
  const { [FIELD]: field } = await runOnce(await cpuRunner(), fourierGraph(shape), {
    ...feeds,
    [FEATURES]: { shape: [256, pixels], data: features },
  });
  assert.deepEqual(field.shape, [6, 3, 5]);
  const wanted = phis.flatMap((phi) => [...referenceField(phi, features, pixels)]);
  assertClose(Float32Array.from(field.data), wanted, 1e-4);
});

Deno.test("φ is three hidden layers of 256 channels and a last one of C", () => {
  const layout = fourierParameters(3);
  const count = layout.reduce((sum, { shape: [rows, columns] }) => sum + rows * columns, 0);
  assert.equal(count, 3 * (256 * 256 + 3 * 256) + 3 * 256 + 3);
  assert.deepEqual(layout[0], { name: "weight0", role: "weight", shape: [256, 256] });
  assert.deepEqual(layout.at(-1), { name: "bias3", role: "bias", shape: [3, 1] });
});

Deno.test("features are sine and cosine at the pixels' centres: across, then down", () => {
  const [height, width] = [2, 3];
  // a counts cycles across, b cycles down.
  const features = fourierFeatures(Float32Array.of(0.5, 0, 0, 0.25), height, width);
  const rows = Array.from({ length: 4 }, (_, k) => features.subarray(6 * k, 6 * k + 6));
  const across = [1 / 6, 1 / 2, 5 / 6].map((u) => Math.PI * u);
  const down = [1 / 4, 3 / 4].map((v) => Math.PI / 2 * v);
  const wanted = [
    [...across, ...across].map(Math.sin),
    [down[0], down[0], down[0], down[1], down[1], down[1]].map(Math.sin),
    [...across, ...across].map(Math.cos),
    [down[0], down[0], down[0], down[1], down[1], down[1]].map(Math.cos),
  ];
  rows.forEach((row, k) => assertClose(row, wanted[k], 1e-7));
});

Deno.test("features do not wrap: a frequency that is no whole number differs at the edges", () => {
  const [left, , , right] = fourierFeatures(Float32Array.of(0.5, 0), 1, 4);
  // Half a cycle is symmetric about the middle, not about the edge.
  assert(Math.abs(left - right) < 1e-6 && left > 0 && right > 0);
});

Deno.test("high frequencies lose nothing: phases are of 64 bits", () => {
  const frequency = Math.fround(437.77);
  const features = fourierFeatures(Float32Array.of(frequency, -frequency), 1, 1);
  // At (½, ½) the two cancel.
  assertClose(features, [0, 1], 1e-7);
  const [sine] = fourierFeatures(Float32Array.of(1000, 0), 1, 8);
  assertClose(Float32Array.of(sine), [Math.sin(2 * Math.PI * 62.5)], 1e-7);
});

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
