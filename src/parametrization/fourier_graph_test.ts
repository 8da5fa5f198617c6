import assert from "node:assert/strict";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";
import { referenceField } from "../../tests/fourier_reference.ts";
import { assertClose, normals } from "../../tests/vectors.ts";
import { FEATURES, FIELD, fourierGraph, fourierParameters } from "./fourier_graph.ts";

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
  assert.deepEqual(layout.at(-1), { name: "bias3", role: "bias", shape: [3, 1] });
});
