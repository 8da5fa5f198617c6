import assert from "node:assert/strict";
import { random } from "../../tests/autodiff/op_case.ts";
import { cpuRunner, type Numbers, runOnce, runVjp } from "../../tests/autodiff/runner.ts";
import { distance, dot, relativeError } from "../../tests/vectors.ts";
import { refusal } from "../../tests/refusal.ts";
import { UserError } from "../errors.ts";
import { float } from "../onnx/attribute.ts";
import type { DataType } from "../onnx/dtype.ts";
import { graphOf, type OnnxModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { TensorProto_DataType as Code } from "../onnx/proto/onnx_pb.ts";
import { sizeOf } from "../onnx/value.ts";
import { vjp, type VjpOptions } from "./vjp.ts";

/** Numbers between −1 and 1. */
function numbers(shape: readonly number[], seed: number, scale = 1): Numbers & { data: number[] } {
  const next = random(seed);
  return { shape, data: Array.from({ length: sizeOf(shape) }, () => scale * (2 * next() - 1)) };
}

/**
 * A small vision network in the given element type: convolution, group norm, SiLU, attention-like
 * products.
 */
function network(dtype: DataType): OnnxModel {
  const g = new OpBuilder({ opset: 21 });
  const weight = (shape: number[], seed: number) =>
    g.constant(dtype, shape, numbers(shape, seed, 0.5).data);
  const x = g.addInput({ name: "x", dtype, shape: [1, 4, 6, 6] });
  const conv = g.emit("Conv", [x, weight([8, 4, 3, 3], 1), weight([8], 2)], { pads: [1, 1, 1, 1] });
  const norm = g.emit("GroupNormalization", [conv, weight([8], 3), weight([8], 4)], {
    num_groups: 2,
    epsilon: float(1e-3),
  });
  const silu = g.mul(norm, g.emit("Sigmoid", [norm]));
  const tokens = g.transpose(g.reshape(silu, [8, 36]), [1, 0]);
  const scores = g.emit("Softmax", [g.matMul(tokens, g.transposeMatrix(tokens))], { axis: -1 });
  return g.build([g.rename(g.matMul(scores, tokens), "y")]);
}

Deno.test("vjp() works on float16 models, in float16", async () => {
  const runner = await cpuRunner();
  const x = numbers([1, 4, 6, 6], 5);
  const dy = numbers([36, 8], 6);
  const options: VjpOptions = { of: "y", wrt: ["x"] };
  const [half, single] = (["float16", "float32"] as const).map((dtype) =>
    vjp(network(dtype), options)
  );
  assert.equal(graphOf(half.backward).output[0].type!.value.case, "tensorType");
  const run = (one: typeof half) => runVjp(runner, one, { x }, { y_cotangent: dy });
  const [a, b] = [await run(half), await run(single)];
  assert.ok(relativeError(a.x_cotangent.data, b.x_cotangent.data) < 1e-2);
  assert.ok(distance(a.x_cotangent.data, b.x_cotangent.data) > 0, "nothing was rounded");
});

/**
 * A Fourier network's layers: 1×1 convolutions, ReLU, batch statistics, as functions of their
 * weights.
 */
function fourierNetwork(): OnnxModel {
  const g = new OpBuilder({ opset: 17 });
  const uv = g.addInput({ name: "features", dtype: "float32", shape: [1, 4, 5, 5] });
  const input = (name: string, ...shape: number[]) => g.addInput({ name, dtype: "float32", shape });
  const hidden = g.emit("Relu", [
    g.emit("Conv", [uv, input("w1", 6, 4, 1, 1), input("b1", 6)]),
  ]);
  const [zeros, ones] = [g.constant("float32", [6], 0), g.constant("float32", [6], 1)];
  const [norm] = g.emitAll(
    "BatchNormalization",
    [hidden, input("gamma", 6), input("beta", 6), zeros, ones],
    { training_mode: 1, epsilon: float(1e-3) },
    3,
  );
  return g.build([g.rename(g.emit("Conv", [norm, input("w2", 1, 6, 1, 1)]), "y")]);
}

Deno.test("vjp() differentiates with respect to weights, through batch statistics", async () => {
  const runner = await cpuRunner();
  const wrt = ["w1", "b1", "gamma", "beta", "w2"];
  const result = vjp(fourierNetwork(), { of: "y", wrt });
  const shapes = graphOf(result.forward).input.map(({ name }) => name);
  assert.deepEqual(shapes, ["features", ...wrt]);
  const feeds: Record<string, Numbers & { data: number[] }> = {
    features: numbers([1, 4, 5, 5], 1),
    w1: numbers([6, 4, 1, 1], 2),
    b1: numbers([6], 3, 0.1),
    gamma: numbers([6], 4),
    beta: numbers([6], 5),
    w2: numbers([1, 6, 1, 1], 6),
  };
  const dy = numbers([1, 1, 5, 5], 7);
  const outputs = await runVjp(runner, result, feeds, { y_cotangent: dy });
  const step = 1e-2;
  for (const name of wrt) {
    const direction = numbers(feeds[name].shape, 8);
    const at = async (sign: number) => {
      const data = feeds[name].data.map((value, i) => value + sign * step * direction.data[i]);
      const moved = { ...feeds, [name]: { shape: feeds[name].shape, data } };
      return dot((await runOnce(runner, result.forward, moved)).y.data, dy.data);
    };
    const slope = (await at(1) - await at(-1)) / (2 * step);
    const cotangent = outputs[`${name}_cotangent`].data;
    const scale = Math.sqrt(dot(cotangent, cotangent));
    assert.ok(Math.abs(slope - dot(cotangent, direction.data)) < 1e-2 * scale + 1e-3, name);
  }
});

Deno.test("vjp() differentiates with respect to an initializer", async () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 3] });
  const w = g.constant("float32", [3, 1], [1, 2, 3]);
  const model = g.build([g.rename(g.matMul(x, w), "y")]);
  const result = vjp(model, { of: "y", wrt: [w.name] });
  const feeds = { x: { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] } };
  const dy = { shape: [2, 1], data: [1, 10] };
  const outputs = await runVjp(await cpuRunner(), result, feeds, { y_cotangent: dy });
  assert.deepEqual(outputs[`${w.name}_cotangent`], { shape: [3, 1], data: [41, 52, 63] });
  assert.deepEqual([result.residuals, result.inputs], [[], ["x"]]);
});

Deno.test("vjp() does not fold or simplify away what it differentiates by", async () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 1, 4] });
  const ones = g.rename(g.constant("float32", [1], 1), "copy");
  const gamma = g.constant("float32", [1], 1);
  const scale = g.mul(gamma, g.constant("float32", [1], [2]));
  const y = g.emit("InstanceNormalization", [x, scale, g.constant("float32", [1], 0)]);
  const model = g.build([g.rename(y, "y"), ones]);
  const result = vjp(model, { of: "y", wrt: [gamma.name] });
  // The weight stays a constant of the models.
  assert.deepEqual(graphOf(result.forward).input.map(({ name }) => name), ["x"]);
  const feeds = { x: { shape: [1, 1, 4], data: [1, 2, 3, 4] } };
  const dy = { shape: [1, 1, 4], data: [0, 0, 0, 1] };
  const outputs = await runVjp(await cpuRunner(), result, feeds, { y_cotangent: dy });
  // ∂y₄/∂γ = 2·x̂₄ = 2·1.5/√1.25
  assert.ok(Math.abs(outputs[`${gamma.name}_cotangent`].data[0] - 3 / Math.sqrt(1.25)) < 1e-4);
});

Deno.test("vjp() leaves operators off the way as they are", () => {
  const g = new OpBuilder({ opset: 18 });
  const [x, z] = ["x", "z"].map((name) => g.addInput({ name, dtype: "float32", shape: [2, 4] }));
  const [norm, mean] = g.emitAll("LayerNormalization", [z, g.constant("float32", [4], 1)], {}, 2);
  const y = g.mul(g.add(x, mean), norm);
  const { forward } = vjp(g.build([g.rename(y, "y")]), { of: "y", wrt: ["x"] });
  assert.ok(graphOf(forward).node.some(({ opType }) => opType === "LayerNormalization"));
});

Deno.test("vjp() sums the cotangents of a tensor used several times", async () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  // y = x·x + x − 3x
  const y = g.sub(g.add(g.mul(x, x), x), g.mul(g.scalar(3, x), x));
  const result = vjp(g.build([g.rename(y, "y")]), { of: "y", wrt: ["x"] });
  const feeds = { x: { shape: [2], data: [5, -1] } };
  const dy = { shape: [2], data: [1, 2] };
  const outputs = await runVjp(await cpuRunner(), result, feeds, { y_cotangent: dy });
  assert.deepEqual(outputs.x_cotangent.data, [8, -8]);
});

Deno.test("vjp() gives each of several cotangents, even where they are one tensor", async () => {
  const g = new OpBuilder({ opset: 18 });
  const [a, b] = ["a", "b"].map((name) => g.addInput({ name, dtype: "float32", shape: [2] }));
  const result = vjp(g.build([g.rename(g.add(a, b), "y")]), { of: "y", wrt: ["b", "a"] });
  const names = graphOf(result.backward).output.map(({ name }) => name);
  assert.deepEqual(names, ["b_cotangent", "a_cotangent"]);
  const feeds = { a: { shape: [2], data: [1, 1] }, b: { shape: [2], data: [1, 1] } };
  const dy = { shape: [2], data: [3, 4] };
  const outputs = await runVjp(await cpuRunner(), result, feeds, { y_cotangent: dy });
  assert.deepEqual([outputs.a_cotangent.data, outputs.b_cotangent.data], [[3, 4], [3, 4]]);
});

Deno.test("vjp() differentiates an inner tensor, and past values with no derivative", async () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  // inner = x − ⌊x⌋
  const inner = g.rename(g.sub(x, g.emit("Floor", [x])), "inner");
  const result = vjp(g.build([g.rename(g.emit("Exp", [inner]), "y")]), { of: "inner", wrt: ["x"] });
  const feeds = { x: { shape: [2], data: [1.25, -0.5] } };
  const dy = { shape: [2], data: [1, 2] };
  const outputs = await runVjp(await cpuRunner(), result, feeds, { inner_cotangent: dy });
  assert.deepEqual([outputs.inner.data, outputs.x_cotangent.data], [[0.25, 0.5], [1, 2]]);
});

Deno.test("vjp() says what it cannot differentiate, and why", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 2] });
  const z = g.addInput({ name: "z", dtype: "float32", shape: [2, 2] });
  const ids = g.addInput({ name: "ids", dtype: "int64", shape: [2] });
  const y = g.rename(g.emit("Gather", [x, ids]), "y");
  const odd = g.rename(
    g.emitAll("Det", [y], {}, [{ dtype: "float32", shape: [] }])[0],
    "odd",
  );
  const scales = g.constant("float32", [2], [1, 2]);
  const resized = g.emit("Resize", [z, g.reshape(x, [4]), scales]);
  const model = g.build([y, odd, g.rename(resized, "resized")]);
  const refused: [VjpOptions, RegExp][] = [
    [{ of: "y", wrt: ["nothing"] }, /"nothing": the model has no such tensor/],
    [{ of: "nothing", wrt: ["x"] }, /"nothing": the model has no such tensor/],
    [{ of: "y", wrt: ["ids"] }, /"ids": wanted a float tensor, got int64/],
    [{ of: "y", wrt: [] }, /"y" with respect to nothing/],
    [{ of: "y", wrt: ["x", "x"] }, /with respect to "x" twice/],
    [{ of: "y", wrt: ["x", "y"] }, /"y" with respect to itself/],
    [{ of: "y", wrt: ["x"], shapes: { ids: [0] } }, /"ids": wanted one like \[2\], got \[0\]/],
    [{ of: "y", wrt: ["x", "z"] }, /"y" with respect to "z"/],
    [{ of: "odd", wrt: ["x"] }, /Det node "odd": the operator has no differentiation rule/],
    [{ of: "resized", wrt: ["x"] }, /Resize node "resized" with respect to its input 1/],
  ];
  for (const [options, message] of refused) {
    assert.throws(
      () => vjp(model, options),
      (error) => error instanceof UserError && message.test(error.message),
      String(message),
    );
  }
});

Deno.test("vjp() names the node that lets no derivative through", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 2] });
  const scale = g.constant("float32", [], 0.1);
  const zero = g.constant("uint8", [], 128);
  const [rounded] = g.emitAll("QuantizeLinear", [x, scale, zero], {}, [{ ...x, dtype: "uint8" }]);
  const [quantised] = g.emitAll("DequantizeLinear", [rounded, scale, zero], {}, [x]);
  const [packed] = g.emitAll("MatMulNBits", [x], {}, [x], "com.microsoft");
  const step = g.emit("Floor", [x]);
  const named = Object.entries({ quantised, packed, step });
  const model = g.build(named.map(([name, value]) => g.alias(g.emit("Neg", [value]), name)));
  const refused: [string, RegExp][] = [
    ["quantised", /"x": QuantizeLinear node "QuantizeLinear" is quantised$/],
    ["packed", /^Cannot differentiate MatMulNBits node "MatMulNBits": it is quantised$/],
    ["step", /"x": the derivative of Floor node "Floor" on the way is zero$/],
  ];
  for (const [of, message] of refused) {
    assert.throws(() => vjp(model, { of, wrt: ["x"] }), refusal(message));
  }
});

Deno.test("vjp() names the node that makes a shape unknown, and unusual element types", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [4] });
  const places = g.emitAll("NonZero", [x], {}, [{ dtype: "int64", shape: [1, 4] }])[0];
  const y = g.rename(g.emit("Gather", [x, g.reshape(places, [4])]), "y");
  const model = g.build([g.alias(g.emit("Neg", [y]), "z")]);
  // Nothing declares how many elements are not zero.
  graphOf(model).valueInfo = [];
  assert.throws(
    () => vjp(model, { of: "z", wrt: ["x"] }),
    refusal(
      /^Cannot differentiate Gather node "y": the shape of ".*" is unknown, after NonZero node/,
    ),
  );
  const info = graphOf(model).input[0];
  if (info.type?.value.case === "tensorType") info.type.value.value.elemType = Code.FLOAT8E4M3FN;
  assert.throws(
    () => vjp(model, { of: "z", wrt: ["x"] }),
    refusal(/^Cannot use model input "x": its element type is float8e4m3fn$/),
  );
});
