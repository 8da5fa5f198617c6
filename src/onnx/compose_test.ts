import assert from "node:assert/strict";
import { append, prepend } from "./compose.ts";
import { graphOf } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { cpuRunner, runOnce } from "./testing.ts";
import type { Value } from "./value.ts";

const X: Value = { name: "x", dtype: "float32", shape: [2] };

/** y = −x, with names that builders like to give. */
function model() {
  const g = new OpBuilder({ opset: 18 });
  g.addInput(X);
  const y = g.alias(g.emit("Neg", [X]), "y");
  return g.build([y]);
}

Deno.test("prepend() and append() compute before and after", async () => {
  const before = prepend(
    model(),
    "x",
    { ...X, name: "image" },
    (g, image) => g.sub(g.emit("Neg", [image]), g.scalar(1, image)),
  );
  const both = append(before, "y", "z", (g, y) => g.mul(y, g.scalar(10, y)));
  // z = −10·(−image − 1)
  const { z } = await runOnce(await cpuRunner(), both, { image: { shape: [2], data: [1, -3] } });
  assert.deepEqual(z.data, [20, -20]);
  assert.deepEqual(graphOf(both).input.map(({ name }) => name), ["image"]);
  assert.deepEqual(graphOf(both).output.map(({ name }) => name), ["z"]);
});

Deno.test("prepend() may change the shape of what is fed", () => {
  const wide = { ...X, name: "wide", shape: [4] };
  const composed = prepend(model(), "x", wide, (g, value) => g.slice(value, 0, 1, 3));
  assert.equal(graphOf(composed).node[0].opType, "Slice");
});

Deno.test("prepend() and append() name what the model has instead", () => {
  const same = (_: OpBuilder, value: Value) => value;
  assert.throws(() => prepend(model(), "z", { ...X, name: "i" }, same), /no such input/);
  assert.throws(() => append(model(), "z", "w", same), /no such output/);
});
