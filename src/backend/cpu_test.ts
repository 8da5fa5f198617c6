import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { writeModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { createCpuBackend } from "./cpu.ts";

Deno.test("threads are a whole number from 1", async () => {
  for (const threads of [0, -3, 1.5, NaN, Infinity]) {
    await assert.rejects(createCpuBackend({ threads }), refusal(/^Invalid threads .* from 1$/));
  }
});

Deno.test("the first count of threads holds for the process, and the description says so", async () => {
  await using first = await createCpuBackend({ threads: 2 });
  await using second = await createCpuBackend({ threads: 1 });
  assert.equal(first.description, "WebAssembly, 2 threads");
  assert.equal(second.description, "WebAssembly, 2 threads");
});

Deno.test("a lack of memory is told as such, and the backend goes on", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const load = async (size: number) => {
    const g = new OpBuilder({ opset: 18 });
    const x = g.addInput({ name: "x", dtype: "float32", shape: [1] });
    const large = g.expand(x, [size]);
    return await backend.load(
      writeModel(g.build([g.rename(g.reduce("ReduceSum", large, [0]), "y")])),
    );
  };
  using x = backend.tensor([1], Float32Array.of(2));
  using y = backend.tensor([1]);
  for (const size of [2 ** 30 - 64, 2 ** 31]) {
    using large = await load(size);
    await assert.rejects(
      large.run({ x }, { y }),
      refusal(/^The CPU backend has not enough memory/),
    );
  }
  using small = await load(4);
  await small.run({ x }, { y });
  assert.deepEqual([...await backend.read(y)], [8]);
});
