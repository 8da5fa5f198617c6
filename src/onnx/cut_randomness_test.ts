import assert from "node:assert/strict";
import { float } from "./attribute.ts";
import { cutRandomness } from "./cut_randomness.ts";
import { graphOf } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";

Deno.test("cutRandomness() turns random nodes into inputs, in order", async () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const first = g.emit("RandomNormalLike", [x]);
  const second = g.emit("RandomNormal", [], { shape: [2], mean: float(3), scale: float(0.5) });
  const model = g.build([g.rename(g.add(g.add(x, first), second), "y")]);
  const cut = cutRandomness(model);
  assert.deepEqual(cut.inputs.map(({ shape }) => shape), [[2], [2]]);
  assert.deepEqual(
    graphOf(cut.model).input.map(({ name }) => name),
    ["x", ...cut.inputs.map(({ name }) => name)],
  );
  const [a, b] = cut.inputs;
  // x + ε₁ + (3 + ½ε₂)
  const { y } = await runOnce(await cpuRunner(), cut.model, {
    x: { shape: [2], data: [10, 20] },
    [a.name]: { shape: [2], data: [1, -1] },
    [b.name]: { shape: [2], data: [2, 4] },
  });
  assert.deepEqual(y.data, [15, 24]);
});

Deno.test("cutRandomness() leaves a model without randomness as it is", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const { model, inputs } = cutRandomness(g.build([g.emit("Neg", [x])]));
  assert.deepEqual(inputs, []);
  assert.equal(graphOf(model).node.length, 1);
});
