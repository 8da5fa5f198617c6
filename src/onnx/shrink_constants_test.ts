import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { float } from "./attribute.ts";
import { graphOf, type OnnxModel, writeModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { shrinkConstants } from "./shrink_constants.ts";
import { makeTensor } from "./tensor.ts";
import type { Value } from "./value.ts";

const SHAPE = [3, 40, 40];

/** f of x and a large constant of sevens. */
function withSevens(f: (g: OpBuilder, x: Value, sevens: Value) => Value): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: SHAPE });
  const sevens = g.emit("ConstantOfShape", [g.constant("int64", [3], SHAPE)], {
    value: makeTensor("value", "float32", [1], 7),
  });
  return g.build([g.rename(f(g, x, sevens), "y")]);
}

async function run(model: OnnxModel): Promise<Float32Array> {
  await using backend = await createCpuBackend({ threads: 1 });
  using session = await backend.load(writeModel(model));
  using x = backend.tensor(SHAPE, Float32Array.from({ length: 4800 }, (_, i) => Math.sin(i)));
  using y = backend.tensor(SHAPE);
  await session.run({ x }, { y });
  return await backend.read(y);
}

const operators = (model: OnnxModel) => graphOf(model).node.map(({ opType }) => opType);

Deno.test("shrinkConstants() replaces a large constant, and what is computed of it alone", async () => {
  // As torch.baddbmm(zeros, q, k, beta=0.5) is exported.
  const model = withSevens((g, x, sevens) => g.add(x, g.mul(sevens, g.scalar(0.5, x))));
  const small = shrinkConstants(model);
  assert.ok(!operators(small).includes("ConstantOfShape") && !operators(small).includes("Mul"));
  assert.deepEqual(await run(small), await run(model));
});

Deno.test("shrinkConstants() keeps the order of operands", async () => {
  const model = withSevens((g, x, sevens) => g.div(sevens, g.sub(x, sevens)));
  assert.deepEqual(await run(shrinkConstants(model)), await run(model));
});

Deno.test("shrinkConstants() leaves alone what gives a result its shape, and other operators", () => {
  const row = withSevens((g, x, sevens) => g.add(g.reduce("ReduceSum", x, [1]), sevens));
  assert.equal(shrinkConstants(row), row);
  const product = withSevens((g, x, sevens) => g.matMul(x, sevens));
  assert.equal(shrinkConstants(product), product);
  const leaky = withSevens((g, x) => g.emit("LeakyRelu", [x], { alpha: float(0.1) }));
  assert.equal(shrinkConstants(leaky), leaky);
});
