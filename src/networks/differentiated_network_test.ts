import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { DifferentiatedNetwork, prepareDifferentiated } from "./differentiated_network.ts";
import { loadTogether, prepareGraph } from "./prepared_graph.ts";

/** y = x², of two numbers. */
function square() {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  return g.build([g.rename(g.mul(x, x), "y")]);
}

const NAMES = { of: "y", wrt: "x" };

Deno.test("the adjoint of a square is twice its input", async () => {
  await using backend = await createCpuBackend();
  const graphs = prepareDifferentiated("square", { model: square(), externalData: [], ...NAMES });
  assert.deepEqual([graphs.forward.name, graphs.backward.name], ["square", "square's derivative"]);
  using sessions = await loadTogether({ backend }, graphs);
  using network = new DifferentiatedNetwork(backend, sessions, NAMES);
  using input = backend.tensor([2], Float32Array.of(3, 4));
  using ones = backend.tensor([2], Float32Array.of(1, 1));
  await network.forward({ x: input });
  await network.adjoint(ones);
  assert.deepEqual(await backend.read(network.cotangent), Float32Array.of(6, 8));
});

Deno.test("a prepared graph says what it takes: here an input and an output of 8 bytes", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const { memory } = prepareGraph("Negation", g.build([g.emit("Neg", [x])]), []);
  assert.equal(memory.activations, 16);
});

Deno.test("graphs that do not fit the device are refused, unless forced", async () => {
  await using backend = await createCpuBackend();
  Object.defineProperty(backend, "limits", { value: { tensor: 4, total: undefined } });
  const graphs = { square: prepareGraph("square", square(), []) };
  await assert.rejects(loadTogether({ backend }, graphs), /Not enough memory/);
  assert.equal(backend.liveSessions, 0);
  using _ = await loadTogether({ backend, force: true }, graphs);
  assert.equal(backend.liveSessions, 1);
});
