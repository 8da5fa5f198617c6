import assert from "node:assert/strict";
import {
  float,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "./attribute.ts";
import { graphOf } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";

function builder() {
  const g = new OpBuilder({ opset: 18 });
  return { g, x: g.addInput({ name: "x", dtype: "float32", shape: [2, 3] }) };
}

Deno.test("emit() infers the type of what it adds", () => {
  const { g, x } = builder();
  const y = g.emit("Transpose", [x]);
  assert.deepEqual([y.dtype, y.shape], ["float32", [3, 2]]);
  assert.throws(() => g.emit("NoSuchOperator", [x]), /has no known shape/);
});

Deno.test("attributes keep their kind", () => {
  const { g, x } = builder();
  g.emit("LeakyRelu", [x], {
    alpha: float(1),
    axis: 1,
    perm: [1, 0],
    mode: "edge",
    none: undefined,
  });
  const [node] = g.nodes;
  assert.equal(node.attribute.length, 4);
  assert.equal(floatAttribute(node, "alpha", 0), 1);
  assert.equal(intAttribute(node, "axis", 0), 1);
  assert.deepEqual(intsAttribute(node, "perm"), [1, 0]);
  assert.equal(stringAttribute(node, "mode", ""), "edge");
  assert.equal(intAttribute(node, "missing", 5), 5);
});

Deno.test("fresh() never gives a name twice", () => {
  const { g, x } = builder();
  g.reserve(["Neg_1"]);
  const names = [g.emit("Neg", [x]).name, g.emit("Neg", [x]).name, g.fresh("x"), g.fresh("x")];
  assert.equal(new Set([...names, "x", "Neg_1"]).size, 6);
});

Deno.test("constant() shares equal small tensors", () => {
  const { g } = builder();
  const one = g.constant("float32", [], 1);
  assert.equal(g.constant("float32", [], 1), one);
  for (const other of [g.constant("float16", [], 1), g.constant("float32", [1], 1)]) {
    assert.notEqual(other.name, one.name);
  }
  assert.deepEqual(g.constantValues(one), [1]);
});

Deno.test("rename() renames emitted tensors wherever they are read, and aliases others", () => {
  const { g, x } = builder();
  const y = g.emit("Neg", [x]);
  g.emit("Abs", [y]);
  g.rename(y, "negative");
  g.rename(x, "copy");
  assert.deepEqual(
    g.nodes.map(({ opType, input, output }) => [opType, input[0], output[0]]),
    [["Neg", "x", "negative"], ["Abs", "negative", "Abs"], ["Identity", "x", "copy"]],
  );
  assert.throws(() => g.rename(g.value("Abs"), "copy"), /already/);
});

Deno.test("build() leaves out what no output needs", () => {
  const { g, x } = builder();
  const y = g.emit("Add", [x, g.constant("float32", [], 1)]);
  g.emit("Mul", [x, g.constant("float32", [], 2)]);
  const graph = graphOf(g.build([y]));
  assert.deepEqual(graph.node.map(({ opType }) => opType), ["Add"]);
  assert.equal(graph.initializer.length, 1);
});
