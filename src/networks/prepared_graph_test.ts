import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { checkMemory } from "./prepared_graph.ts";

const GB = 1e9;

/** The memory of a graph of so many gigabytes. */
function graph(name: string, weights: number, activations: number, largest = activations) {
  return {
    name,
    memory: {
      weights: weights * GB,
      activations: activations * GB,
      largest: { name: "scores", bytes: largest * GB, weight: false },
    },
  };
}

const CPU = { device: "cpu", limits: { tensor: 2 * GB, total: 4 * GB } } as const;
const GPU = { device: "webgpu", limits: { tensor: 0.128 * GB, total: undefined } } as const;

Deno.test("checkMemory() adds all weights, and the most that a run takes", () => {
  checkMemory(CPU, [graph("U-Net", 1.5, 1), graph("VAE encoder", 1, 1.5)]);
  assert.throws(
    () => checkMemory(CPU, [graph("U-Net", 3.4, 1), graph("VAE encoder", 0.137, 0.5)]),
    refusal(
      /^Not enough memory: the model takes at least 4\.5 GB \(U-Net 3\.4 GB, VAE encoder 137 MB, running them 1\.0 GB\), device cpu has 4\.0 GB$/,
    ),
  );
});

Deno.test("checkMemory() names a tensor that the device cannot bind", () => {
  checkMemory(GPU, [graph("U-Net", 30, 3, 0.128)]);
  assert.throws(
    () => checkMemory(GPU, [graph("U-Net", 3, 1, 0.1), graph("VAE encoder", 1, 1, 0.2)]),
    refusal(
      /^Not enough memory: tensor "scores" of the VAE encoder takes 200 MB, device webgpu has tensors of at most 128 MB$/,
    ),
  );
});
