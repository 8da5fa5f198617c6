import assert from "node:assert/strict";
import type { Attributes } from "./attribute.ts";
import { cutRandomness } from "./cut_randomness.ts";
import { dataTypeCode } from "./dtype.ts";
import { Graph } from "./graph.ts";
import { graphOf, readModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { makeTensor } from "./tensor.ts";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";
import { sizeOf, type TensorType, type Value } from "./value.ts";

const FIXTURES = new URL("../../tests/fixtures/vjp/", import.meta.url);

interface Declared {
  name: string;
  shape: (number | string)[];
}

Deno.test("inferred shapes are those the runtime gives, on every tensor of exported models", async (t) => {
  const runner = await cpuRunner();
  const index = JSON.parse(await Deno.readTextFile(new URL("index.json", FIXTURES)));
  for (const [name, { inputs }] of Object.entries<{ inputs: Declared[] }>(index)) {
    await t.step(name, async () => {
      const bytes = await Deno.readFile(new URL(`${name}.onnx`, FIXTURES));
      const free: Record<string, number> = { batch: 1, height: 32, width: 40 };
      const shapes = Object.fromEntries(
        inputs.map(({ name, shape }) => [
          name,
          shape.map((size) => typeof size === "string" ? free[size] : size),
        ]),
      );
      const { model } = cutRandomness(readModel(bytes, name), shapes);
      const graph = Graph.from(model);
      const every = graph.nodes.flatMap(({ output }) => output.map((out) => graph.value(out)));
      const feeds = Object.fromEntries(
        graph.inputs.map((
          { name, shape },
        ) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
      );
      const results = await runOnce(runner, graph.build(every), feeds);
      for (const { name, shape } of every) assert.deepEqual([...results[name].shape], [...shape]);
    });
  }
});

const x = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
type Operand = TensorType & { values?: number[] };
const ints = (...values: number[]): Operand => ({ dtype: "int64", shape: [values.length], values });

const bytes = (...shape: number[]): Operand => (
  { dtype: "uint8", shape, values: Array(sizeOf(shape)).fill(3) }
);
const SCALE: Operand = { dtype: "float32", shape: [], values: [0.1] };
const ZERO: Operand = { dtype: "uint8", shape: [], values: [128] };

/** Uses of operators that no exported model here has and no differentiation rule covers. */
const USES: [op: string, operands: Operand[], attributes?: Attributes, opset?: number][] = [
  ["CumSum", [x(2, 3), ints(1)]],
  ["ArgMax", [x(2, 3, 4)], { axis: -2, keepdims: 0 }],
  ["ArgMin", [x(2, 3, 4)], { axis: 1 }],
  ["ReduceL1", [x(2, 3)], { keepdims: 0 }],
  ["GatherElements", [x(3, 4), { dtype: "int64", shape: [2, 4], values: Array(8).fill(1) }]],
  ["GatherND", [x(3, 4, 5), { dtype: "int64", shape: [2, 2], values: [0, 1, 2, 3] }]],
  ["ScatterND", [x(4, 3), { dtype: "int64", shape: [2, 1], values: [0, 2] }, x(2, 3)]],
  ["ScatterElements", [x(3, 3), { dtype: "int64", shape: [1, 3], values: [0, 1, 2] }, x(1, 3)]],
  ["OneHot", [{ dtype: "int64", shape: [2], values: [1, 3] }, ints(5), x(2)], { axis: 0 }],
  ["LpPool", [x(1, 2, 6, 5)], { kernel_shape: [2, 2], strides: [2, 1] }],
  ["GlobalLpPool", [x(1, 2, 6, 5)]],
  ["CastLike", [x(2, 3), ints(0)]],
  ["IsNaN", [x(2, 3)]],
  ["Mean", [x(2, 1), x(3)]],
  ["LpNormalization", [x(2, 3)], { axis: 0 }],
  ["LRN", [x(1, 4, 3, 3)], { size: 3 }],
  ["MeanVarianceNormalization", [x(2, 3, 4, 5)]],
  ["RandomUniformLike", [x(2, 3)]],
  ["RandomNormal", [], { shape: [2, 3], dtype: dataTypeCode("float32") }],
  ["Trilu", [x(3, 4)]],
  ["QuantizeLinear", [x(2, 3), SCALE, ZERO]],
  ["DequantizeLinear", [bytes(2, 3), SCALE, ZERO]],
  ["ConvInteger", [bytes(1, 2, 5, 6), bytes(3, 2, 3, 2)], { pads: [1, 0, 1, 0], strides: [2, 1] }],
  ["MatMulInteger", [bytes(4, 2, 3), bytes(3, 5)]],
  [
    "QLinearConv",
    [bytes(1, 2, 5, 6), SCALE, ZERO, bytes(3, 2, 3, 2), SCALE, ZERO, SCALE, ZERO],
    { dilations: [2, 1] },
  ],
  ["QLinearMatMul", [bytes(4, 2, 3), SCALE, ZERO, bytes(3, 5), SCALE, ZERO, SCALE, ZERO]],
];

Deno.test("inferred shapes are those the runtime gives, operator by operator", async (t) => {
  const runner = await cpuRunner();
  for (const [op, operands, attributes, opset = 18] of USES) {
    await t.step(op, async () => {
      const g = new OpBuilder({ opset });
      const inputs = operands.map(({ dtype, shape, values }, i): Value => {
        if (!values) return g.addInput({ name: `x${i}`, dtype, shape });
        g.addInitializer(makeTensor(`c${i}`, dtype, shape, values));
        return g.value(`c${i}`);
      });
      const y = g.emit(op, inputs, attributes);
      const model = g.build([y]);
      // Let the runtime find out for itself.
      graphOf(model).output[0].type = undefined;
      const feeds = Object.fromEntries(
        g.inputs.map(({ name, shape }) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
      );
      const result = await runOnce(runner, model, feeds);
      assert.deepEqual([...result[y.name].shape], [...y.shape]);
    });
  }
});
