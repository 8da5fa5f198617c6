import assert from "node:assert/strict";
import { OpBuilder } from "./op_builder.ts";
import { rewrite } from "./rewrite.ts";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";

Deno.test("rewrite() replaces the chosen nodes and keeps every name", async () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const square = g.rename(g.mul(x, x), "square");
  const y = g.rename(g.add(square, g.scalar(1, x)), "y");
  const model = g.build([y]);
  // x·x as |x|², which reads its own result twice
  const anew = rewrite(g, model, ({ opType }) =>
    opType === "Mul"
      ? (h) => {
        const size = h.emit("Abs", [x]);
        return [h.mul(size, size)];
      }
      : undefined);
  assert.deepEqual(anew.nodes.map(({ opType }) => opType), ["Abs", "Mul", "Add"]);
  assert.equal(anew.nodes[1].output[0], "square");
  const feeds = { x: { shape: [2], data: [-3, 2] } };
  const result = await runOnce(await cpuRunner(), anew.build([anew.value("y")]), feeds);
  assert.deepEqual(result.y.data, [10, 5]);
  assert.deepEqual(g.nodes.map(({ opType }) => opType), ["Mul", "Add"]);
});
