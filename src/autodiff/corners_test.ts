import assert from "node:assert/strict";
import { cpuRunner, type Numbers, runVjp } from "../../tests/autodiff/runner.ts";
import { relativeError } from "../../tests/vectors.ts";
import type { DataType } from "../onnx/dtype.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import type { Value } from "../onnx/value.ts";
import { vjp } from "./vjp.ts";

/** ȳ of ones and twos. */
function cotangent(shape: readonly number[]): Numbers {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Array.from({ length: size }, (_, i) => 1 + i % 2) };
}

/** x̄ of a function of one tensor. */
async function gradient(
  build: (g: OpBuilder, x: Value) => Value,
  shape: readonly number[],
  data: readonly number[],
  dtype: DataType = "float32",
): Promise<number[]> {
  const g = new OpBuilder({ opset: 18 });
  const y = g.alias(build(g, g.addInput({ name: "x", dtype, shape })), "y");
  const result = vjp(g.build([y]), { of: "y", wrt: ["x"] });
  const outputs = await runVjp(await cpuRunner(), result, { x: { shape, data } }, {
    y_cotangent: cotangent(y.shape),
  });
  return Array.from(outputs.x_cotangent.data);
}

Deno.test("norms, powers and clips have the derivatives of PyTorch at their corners", async () => {
  const power = (exponent: number | number[]) => (g: OpBuilder, x: Value) =>
    g.emit("Pow", [
      x,
      typeof exponent === "number"
        ? g.scalar(exponent, x)
        : g.constant("float32", [exponent.length], exponent),
    ]);
  const cases: [(g: OpBuilder, x: Value) => Value, number[], number[]][] = [
    [(g, x) => g.emit("ReduceL2", [x]), [0, 0, 0], [0, 0, 0]],
    [(g, x) => g.reduce("ReduceProd", x, [0]), [0, 2, 3], [6, 0, 0]],
    [(g, x) => g.reduce("ReduceProd", x, [0]), [0, 0, 3], [0, 0, 0]],
    [(g, x) => g.reduce("ReduceProd", x, [0]), [-1, 2, 3], [6, -3, -2]],
    [power(0), [0, -1, 2], [0, 0, 0]],
    [power([0, 1, 2]), [0, 0, 0], [0, 2, 0]],
    [power(3), [0, -1, 2], [0, 6, 12]],
    // With respect to the exponent: 0ˣ is flat for x ≥ 0.
    [(g, x) => g.emit("Pow", [g.scalar(0, x), x]), [1, 0, 2], [0, 0, 0]],
    [(g, x) => g.emit("Clip", [x, g.scalar(-1, x), g.scalar(1, x)]), [-1, 1, 2], [1, 2, 0]],
    [(g, x) => g.emit("Clip", [x, undefined, g.scalar(1, x)]), [-9, 1, 2], [1, 2, 0]],
  ];
  for (const [build, data, wanted] of cases) {
    assert.deepEqual((await gradient(build, [3], data)).map((value) => value + 0), wanted);
  }
});

Deno.test("a softmax whose rows of −∞ are guarded lets no NaN back", async () => {
  const guarded = (byNaN: boolean) => (g: OpBuilder, x: Value) => {
    const keep = g.constant("bool", [2, 3], [1, 1, 0, 0, 0, 0]);
    const empty = g.constant("bool", [2, 1], [0, 1]);
    const scores = g.emit("Where", [keep, x, g.scalar(-Infinity, x)]);
    const weights = g.emit("Softmax", [scores], { axis: -1 });
    return g.emit("Where", [
      byNaN ? g.emit("IsNaN", [weights]) : empty,
      g.scalar(0, x),
      weights,
    ]);
  };
  // σ′(0)·(1 − 2) for two equal scores with cotangents 1 and 2
  for (const byNaN of [true, false]) {
    const got = await gradient(guarded(byNaN), [2, 3], [5, 5, 5, 1, 2, 3]);
    assert.deepEqual(got.map((value) => value + 0), [-0.25, 0.25, 0, 0, 0, 0]);
  }
});

Deno.test("extremes pick in float16 what they pick in float32, of computed values", async () => {
  const shape = [1, 2, 4, 4];
  const data = Array.from({ length: 32 }, (_, i) => Math.sin(7 * i) + 0.01 * i);
  const computed = (g: OpBuilder, x: Value) => {
    const scaled = g.mul(x, g.scalar(1.1, x));
    return g.mul(scaled, g.emit("Sigmoid", [scaled]));
  };
  const extremes: Record<string, (g: OpBuilder, x: Value) => Value> = {
    ReduceMax: (g, x) => g.reduce("ReduceMax", x, [2]),
    ReduceMin: (g, x) => g.reduce("ReduceMin", x, [1, 3]),
    MaxPool: (g, x) => g.emit("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    GlobalMaxPool: (g, x) => g.emit("GlobalMaxPool", [x]),
    Max: (g, x) => g.emit("Max", [x, g.scalar(0.1, x), g.emit("Neg", [x])]),
    Min: (g, x) => g.emit("Min", [x, g.scalar(0.1, x)]),
    Clip: (g, x) => g.emit("Clip", [x, g.scalar(0, x), g.scalar(0.5, x)]),
  };
  for (const [op, extreme] of Object.entries(extremes)) {
    const build = (g: OpBuilder, x: Value) => extreme(g, computed(g, x));
    const [half, single] = [
      await gradient(build, shape, data, "float16"),
      await gradient(build, shape, data),
    ];
    assert.ok(relativeError(half, single) < 1e-2, `${op}: [${half}], not [${single}]`);
  }
});
