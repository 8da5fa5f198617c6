import assert from "node:assert/strict";
import { cpuRunner, runVjp } from "../../tests/autodiff/runner.ts";
import { relativeError } from "../../tests/vectors.ts";
import { Graph } from "../onnx/graph.ts";
import { bytesOf } from "../onnx/memory.ts";
import { graphOf, readModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { sizeOf, type Value } from "../onnx/value.ts";
import { bottlenecks } from "./recompute.ts";
import { cotangentName, vjp } from "./vjp.ts";

/** y = tanh(exp(x ∗ w) ∗ w), a chain of costly and cheap operators. */
function chain() {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 1, 4, 4] });
  const w = g.constant("float32", [1, 1, 1, 1], [0.5]);
  const first = g.rename(g.emit("Conv", [x, w]), "first");
  const second = g.rename(g.emit("Conv", [g.emit("Exp", [first]), w]), "second");
  return g.build([g.rename(g.emit("Tanh", [second]), "y")]);
}

const operators = (model: Parameters<typeof graphOf>[0]) =>
  graphOf(model).node.map(({ opType }) => opType).filter((op) => op !== "Identity");

Deno.test("cheap values are computed again from the outputs of costly operators", () => {
  const { residuals, backward, forward } = vjp(chain(), { of: "y", wrt: ["x"] });
  assert.deepEqual(residuals, ["first", "second"]);
  assert.deepEqual(graphOf(forward).output.map(({ name }) => name), ["y", "first", "second"]);
  // Each recomputed right before it is needed.
  assert.deepEqual(operators(backward).filter((op) => ["Tanh", "Exp", "Conv"].includes(op)), [
    "Tanh",
    "Conv",
    "Exp",
    "Conv",
  ]);
});

Deno.test("nothing but views is computed again on request", () => {
  const { residuals, backward } = vjp(chain(), { of: "y", wrt: ["x"], recompute: "none" });
  assert.deepEqual(residuals.toSorted(), ["Exp", "y"]);
  assert.ok(!operators(backward).includes("Exp"));
});

/** Two residual blocks, y = f(f(x)) with f(x) = x + w ∗ tanh(w ∗ x), after a convolution. */
function blocks() {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 1, 4, 4] });
  const w = g.constant("float32", [1, 1, 3, 3], Array.from({ length: 9 }, (_, i) => i / 20));
  const convolve = (value: Value) => g.emit("Conv", [value, w], { pads: [1, 1, 1, 1] });
  let y = g.rename(convolve(x), "start");
  for (const name of ["middle", "y"]) {
    y = g.rename(g.add(y, convolve(g.emit("Tanh", [convolve(y)]))), name);
  }
  return g.build([y]);
}

Deno.test("blocks are run again on request, from the outputs of the blocks before", async () => {
  const runner = await cpuRunner();
  const data = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
  const value = { shape: [1, 1, 4, 4], data };
  const cotangents = [];
  for (const recompute of ["cheap", "most"] as const) {
    const result = vjp(blocks(), { of: "y", wrt: ["x"], recompute });
    if (recompute === "most") assert.deepEqual(result.residuals, ["start", "middle"]);
    else assert.ok(result.residuals.every((name) => name.startsWith("Conv")));
    const { x_cotangent } = await runVjp(runner, result, { x: value }, { y_cotangent: value });
    cotangents.push([...x_cotangent.data as Float32Array]);
  }
  assert.deepEqual(cotangents[1], cotangents[0]);
});

Deno.test("an encoder's blocks are run again with less than half the residuals", async () => {
  const runner = await cpuRunner();
  const url = new URL("../../tests/fixtures/vjp/vae_encoder_moments_op18.onnx", import.meta.url);
  const model = readModel(await Deno.readFile(url));
  const [of, sample] = [graphOf(model).output[0].name, graphOf(model).input[0].name];
  const numbers = (shape: readonly number[]) => ({
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * i)),
  });
  const bytes: number[] = [];
  const cotangents: Float32Array[] = [];
  for (const recompute of ["cheap", "most"] as const) {
    const shapes = { [sample]: [1, 3, 32, 40] };
    const result = vjp(model, { of, wrt: [sample], shapes, recompute });
    const forward = Graph.from(result.forward);
    const sizes = result.residuals.map((name) => bytesOf(forward.value(name)));
    bytes.push(sizes.reduce((a, b) => a + b));
    const outputs = await runVjp(
      runner,
      result,
      { [sample]: numbers(shapes[sample]) },
      { [cotangentName(of)]: numbers(forward.value(of).shape) },
    );
    cotangents.push(outputs[cotangentName(sample)].data as Float32Array);
  }
  assert.ok(bytes[1] < bytes[0] / 2, `residuals of ${bytes} bytes`);
  assert.ok(relativeError(cotangents[1], cotangents[0]) < 1e-6);
});

Deno.test("random values are handed over, never drawn again", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const noise = g.rename(g.emit("RandomNormalLike", [x]), "noise");
  const model = g.build([g.rename(g.mul(x, noise), "y")]);
  const { residuals, backward } = vjp(model, { of: "y", wrt: ["x"] });
  assert.deepEqual(residuals, ["noise"]);
  assert.ok(!operators(backward).includes("RandomNormalLike"));
});

Deno.test("backward holds only the weights it reads", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 3] });
  const w = g.rename(x, "copy");
  const product = g.matMul(w, g.constant("float32", [3, 2], [1, 2, 3, 4, 5, 6]));
  const bias = g.constant("float32", [2], [7, 8]);
  const model = g.build([g.rename(g.add(product, bias), "y")]);
  const { forward, backward } = vjp(model, { of: "y", wrt: ["x"] });
  const weights = (model: Parameters<typeof graphOf>[0]) =>
    graphOf(model).initializer.filter(({ dataType }) => dataType === 1).length;
  assert.deepEqual([weights(forward), weights(backward)], [2, 1]);
});

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
