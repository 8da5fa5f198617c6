import assert from "node:assert/strict";
import { OpBuilder } from "../onnx/op_builder.ts";
import { bottlenecks } from "./bottlenecks.ts";

Deno.test("bottlenecks() are where one tensor is all that is read later", () => {
  const g = new OpBuilder({ opset: 18 });
  const input = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const view = g.reshape(input, [1, 2]);
  const a = g.emit("Neg", [input]);
  // A branch, a constant computed in the graph, an output nobody reads and a view of an input read late.
  const branch = g.emit("Exp", [a]);
  const constant = g.emit("Exp", [g.constant("float32", [2], 1)]);
  g.emit("Neg", [branch]);
  const b = g.add(g.mul(branch, constant), a);
  const c = g.emit("Neg", [b]);
  g.add(g.mul(c, view), constant);
  const found = bottlenecks(g);
  assert.deepEqual(found.slice(0, 3), [a, b, c].map(({ name }) => name));
  assert.ok(!found.includes(branch.name) && !found.includes(constant.name));
});
