import assert from "node:assert/strict";
import { failAt, testOnBackends } from "../../tests/backends.ts";
import { referenceField } from "../../tests/fourier_reference.ts";
import { refusal } from "../../tests/refusal.ts";
import { assertClose, dot, normals } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import {
  drawFrequencies,
  drawParameters,
  fourierFeatures,
  fourierParameters,
} from "./fourier_graph.ts";
import { checkFourierMemory, createFourierNetwork } from "./fourier_network.ts";

const SHAPE = { networks: 2, channels: 3, height: 3, width: 4 };
const OPTIONS = { ...SHAPE, seed: 1, network: 0, frequencyScale: 2 };
const PIXELS = 12;
const LAYOUT = fourierParameters(SHAPE.channels);
const FEATURES = fourierFeatures(drawFrequencies(OPTIONS, 2), SHAPE.height, SHAPE.width);
const PHI = Object.fromEntries(
  drawParameters(OPTIONS, LAYOUT).map((values, i) => [LAYOUT[i].name, values]),
);

testOnBackends(
  "networks start from the seed's φ, and compute what their equations say",
  async (backend) => {
    const one = [...referenceField(PHI, FEATURES, PIXELS)];
    await using _ = backend;
    using network = await createFourierNetwork(backend, OPTIONS);
    using field = backend.tensor([6, 3, 4]);
    await network.forward(field);
    assertClose(await backend.read(field), [...one, ...one], 1e-4);
  },
);

testOnBackends(
  "φ̄ agrees with differences of the equations, and networks do not mix",
  async (backend) => {
    // Only the first network's field has a cotangent.
    const fieldCotangent = normals(6 * PIXELS, 9).fill(0, 3 * PIXELS);
    const loss = (phi: Parameters<typeof referenceField>[0]) =>
      referenceField(phi, FEATURES, PIXELS)
        .reduce((sum, value, i) => sum + value * fieldCotangent[i], 0);
    // Derivatives along a random direction in each tensor.
    const step = 1e-6;
    const directions = LAYOUT.map(({ shape: [rows, columns] }, i) => normals(rows * columns, i));
    const derivatives = LAYOUT.map(({ name }, i) => {
      const moved = (by: number) => ({
        ...PHI,
        [name]: Float64Array.from(PHI[name], (value, k) => value + by * directions[i][k]),
      });
      return (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    });
    await using _ = backend;
    using network = await createFourierNetwork(backend, OPTIONS);
    using field = backend.tensor([6, 3, 4]);
    using cotangent = backend.tensor([6, 3, 4], fieldCotangent);
    await network.forward(field);
    await network.adjoint(cotangent);
    for (const [i, { name }] of LAYOUT.entries()) {
      const both = await backend.read(network.parameters[i].cotangent);
      const [first, second] = [both.slice(0, both.length / 2), both.slice(both.length / 2)];
      const length = Math.sqrt(dot(first, first));
      const error = Math.abs(dot(first, directions[i]) - derivatives[i]);
      assert(length > 0 && error <= 1e-3 * length, `${backend.device}, ${name}: ${error / length}`);
      assert(second.every((value) => value === 0), name);
    }
  },
);

Deno.test("a network frees what it holds, also when memory runs out", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const { liveTensors, liveSessions } = backend;
  (await createFourierNetwork(backend, OPTIONS))[Symbol.dispose]();
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);

  failAt(backend, "tensor", 21);
  await assert.rejects(createFourierNetwork(backend, OPTIONS), { message: "No memory" });
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
});

Deno.test("more pixels than the CPU backend can hold are refused at once", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const refused = (shape: { networks: number; height: number; width: number }) =>
    assert.rejects(
      createFourierNetwork(backend, { ...OPTIONS, ...shape }),
      refusal(/4 GB that the cpu can use: wanted at most 200704 pixels in all$/),
    );
  await refused({ networks: 1, height: 512, width: 512 });
  await refused({ networks: 4, height: 256, width: 256 });
  checkFourierMemory(backend, { networks: 2, height: 256, width: 256 });
});
