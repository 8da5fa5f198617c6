import assert from "node:assert/strict";
import { graphMemory } from "./memory.ts";
import { OpBuilder } from "./op_builder.ts";

/** A graph with one input of 100 float32 numbers: 400 bytes. */
function start() {
  const g = new OpBuilder({ opset: 18 });
  return { g, x: g.addInput({ name: "x", dtype: "float32", shape: [10, 10] }) };
}

Deno.test("graphMemory() counts what is alive at once", () => {
  const { g, x } = start();
  let y = x;
  for (let i = 0; i < 5; i++) y = g.emit("Exp", [y]);
  // x, and a node's input and output.
  assert.equal(graphMemory(g, [y.name]).activations, 1200);
});

Deno.test("graphMemory() keeps what is read later, and outputs", () => {
  const { g, x } = start();
  const early = g.emit("Exp", [x]);
  const middle = g.emit("Neg", [g.emit("Neg", [early])]);
  const y = g.add(middle, early);
  // x, early, middle and y.
  assert.equal(graphMemory(g, [y.name]).activations, 1600);
  assert.equal(graphMemory(g, [y.name, early.name]).activations, 1600);
  const unread = g.emit("Neg", [y]);
  assert.equal(graphMemory(g, [unread.name]).activations, 1600);
  assert.equal(graphMemory(g, [unread.name, early.name, y.name]).activations, 1600);
});

Deno.test("graphMemory() takes views for what they look at", () => {
  const { g, x } = start();
  const view = g.reshape(g.emit("Exp", [x]), [100]);
  const y = g.emit("Exp", [g.reshape(view, [4, 25])]);
  assert.equal(graphMemory(g, [y.name]).activations, 1200);
});

Deno.test("graphMemory() counts weights, and names the largest tensor", () => {
  const { g, x } = start();
  const half = g.constant("float16", [10, 1000], 1);
  const y = g.matMul(g.cast(x, "float16"), half);
  const { weights, largest } = graphMemory(g, [y.name]);
  assert.equal(weights, 20_000);
  assert.deepEqual(largest, { name: half.name, bytes: 20_000, weight: true });
});
