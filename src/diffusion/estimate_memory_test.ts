import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { loadingParts } from "../models/load_model.ts";
import { openModel } from "../models/open_model.ts";
import { estimateMemory, fittingCard } from "./estimate_memory.ts";
import { prepareNetworks } from "./prepare_networks.ts";

Deno.test("an estimate adds weights to the most that runs at once, and loads nothing", async () => {
  await using backend = await createCpuBackend();
  const files = await openModel("emoji");
  const estimate = async (prompts: number, recompute: "cheap" | "none" | "most") =>
    await estimateMemory(await loadingParts(backend, files, { recompute }), prompts, "mean");
  const one = await estimate(1, "cheap");
  const networks = await prepareNetworks(await loadingParts(backend, files), 1, "mean");
  assert.equal(
    one.weights,
    Object.values(networks).reduce((sum, { memory }) => sum + memory.weights, 0),
  );
  assert.equal(one.total, one.weights + one.activations);
  assert.ok(one.residuals < one.activations && one.largest <= one.total);
  // Residuals and activations grow with the prompts, weights do not.
  const two = await estimate(2, "cheap");
  assert.equal(two.weights, one.weights);
  assert.equal(two.residuals, 2 * one.residuals);
  assert.ok(two.activations > 1.5 * one.activations);
  // Values that are computed again are not held.
  const [none, most] = [await estimate(1, "none"), await estimate(1, "most")];
  assert.ok(most.residuals < one.residuals && one.residuals < none.residuals);
  assert.equal(backend.liveSessions, 0);
});

Deno.test("a card fits an estimate with the overhead that was measured", () => {
  const GIB = 2 ** 30;
  assert.equal(fittingCard({ total: 1 * GIB }), 4);
  assert.equal(fittingCard({ total: 2.5 * GIB }), 4);
  assert.equal(fittingCard({ total: 5.2 * GIB }), 12);
  assert.equal(fittingCard({ total: 100 * GIB }), undefined);
});
