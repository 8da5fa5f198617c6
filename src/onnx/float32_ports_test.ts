import assert from "node:assert/strict";
import { noFloat16, testOnBackends } from "../../tests/backends.ts";
import { narrow } from "../../tests/narrow.ts";
import { float32Ports } from "./float32_ports.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { graphOf, readModel, writeModel } from "./model.ts";
import { declaration } from "./value_info.ts";

testOnBackends("float32Ports() casts what goes in and out of a float16 graph", async (backend) => {
  const g = new GraphBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float16", shape: [3] });
  const n = g.addInput({ name: "n", dtype: "int64", shape: [] });
  const y = g.rename(g.emit("Mul", [x, g.constant("float16", [], 2)]), "y");
  const m = g.rename(g.emit("Neg", [n]), "m");
  const model = float32Ports(g.build([y, m]));
  const types = [...graphOf(model).input, ...graphOf(model).output]
    .map((info) => `${info.name}: ${declaration(info)?.dtype}`);
  assert.deepEqual(types, ["x: float32", "n: int64", "y: float32", "m: int64"]);
  await using _ = backend;
  using session = await backend.load(writeModel(model));
  using input = backend.tensor([3], new Float32Array([1, -2.5, 300]));
  using output = backend.tensor([3]);
  const one = { data: new BigInt64Array(1), shape: [], dtype: "int64" as const };
  await session.run({ x: input, n: one }, { y: output });
  assert.deepEqual([...await backend.read(output)], [2, -5, 600]);
}, noFloat16);

Deno.test("float32Ports() leaves a float32 graph alone", async () => {
  const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
  const model = readModel(await Deno.readFile(url));
  assert.equal(float32Ports(model), model);
  assert.notEqual(float32Ports(narrow(model)), model);
});
