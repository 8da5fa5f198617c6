import assert from "node:assert/strict";
import type { Attributes } from "./attribute.ts";
import { dataTypeCode } from "./dtype.ts";
import { fold, FOLD_RULES } from "./fold.ts";
import { graphOf } from "./model.ts";
import { NodeView } from "./node_view.ts";
import { OpBuilder } from "./op_builder.ts";
import { makeTensor, tensorValues } from "./tensor.ts";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";
import type { DataType } from "./dtype.ts";

/** Operands as element type, shape, numbers. */
type Operand = readonly [dtype: DataType, shape: number[], values: number[]];
type Case = readonly [operands: Operand[], attributes?: Attributes];

const f = (shape: number[], values: number[]): Operand => ["float32", shape, values];
const n = (values: number[], shape = [values.length]): Operand => ["int64", shape, values];
const b = (values: number[]): Operand => ["bool", [values.length], values];

const pair: Case = [[n([7, -7, 5]), n([2], [1])]];
const floats: Case = [[f([2, 2], [1.5, -2.5, 0.5, 4])]];
const truths: Case = [[b([1, 0, 1]), b([1, 1, 0])]];
const reduced: Case[] = [
  [[n([1, 2, 3, 4, 5, 6], [2, 3])], { keepdims: 0 }],
  [[f([2, 3], [3, 1, 2, -4, 5, 6])], { keepdims: 1 }],
];

/** Uses of every operator that folds. */
const CASES: Record<string, Case[]> = {
  Add: [pair, [[f([2, 1], [1, 2]), f([3], [1, 2, 3])]]],
  Sub: [pair],
  Mul: [pair],
  Div: [pair, [[f([2], [7, 1]), f([], [2])]]],
  Pow: [[[f([3], [2, 3, 4]), f([], [2])]]],
  Mod: [pair, [[f([2], [-7.5, 7.5]), f([], [2])], { fmod: 1 }]],
  Min: [pair],
  Max: [pair],
  Neg: [floats],
  Abs: [floats],
  Sqrt: [[[f([2], [2, 9])]]],
  Reciprocal: [floats],
  Floor: [floats],
  Ceil: [floats],
  Round: [floats, [[f([4], [0.5, 1.5, -0.5, -1.5])]]],
  Not: [[[b([1, 0])]]],
  And: [truths],
  Or: [truths],
  Equal: [pair, [[n([1, 2]), n([1, 3])]]],
  Greater: [pair],
  GreaterOrEqual: [pair],
  Less: [pair],
  LessOrEqual: [pair],
  Where: [[[b([1, 0]), n([1, 2], [2, 1]), n([3, 4])]]],
  Cast: [
    [[f([3], [1.7, -1.7, 0])], { to: dataTypeCode("int64") }],
    [[f([3], [0.3, -2, 0])], { to: dataTypeCode("bool") }],
    [[n([3, 0])], { to: dataTypeCode("float32") }],
  ],
  ReduceSum: reduced,
  ReduceProd: reduced,
  ReduceMin: reduced,
  ReduceMax: reduced,
  Identity: [floats],
  Reshape: [[[f([2, 2], [1, 2, 3, 4]), n([-1])]]],
  Flatten: [[[f([2, 1, 2], [1, 2, 3, 4])], { axis: 2 }]],
  Squeeze: [[[f([2, 1], [1, 2]), n([-1])]]],
  Unsqueeze: [[[f([2], [1, 2]), n([0, -1])]]],
  Expand: [[[f([2, 1], [1, 2]), n([2, 1, 3])]]],
  Transpose: [[[f([2, 3], [1, 2, 3, 4, 5, 6])]], [
    [f([1, 2, 3], [1, 2, 3, 4, 5, 6])],
    { perm: [2, 0, 1] },
  ]],
  Concat: [[[n([1, 2], [1, 2]), n([3, 4, 5, 6], [2, 2])], { axis: 0 }], [
    [n([1, 2], [2, 1]), n([3, 4, 5, 6], [2, 2])],
    { axis: -1 },
  ]],
  Slice: [
    [[n([0, 1, 2, 3, 4]), n([1]), n([2 ** 62])]],
    [[n([0, 1, 2, 3, 4]), n([-1]), n([-(2 ** 62)]), n([0]), n([-2])]],
    [[n([0, 1, 2, 3, 4, 5], [2, 3]), n([0]), n([-1]), n([1])]],
  ],
  Gather: [
    [[n([10, 20, 30]), n([-1, 0])]],
    [[n([10, 20, 30]), n([1], [])]],
    [[n([1, 2, 3, 4, 5, 6], [2, 3]), n([2, 0, 1, 1], [2, 2])], { axis: 1 }],
  ],
  ConstantOfShape: [
    [[n([2, 3])]],
    [[n([2])], { value: makeTensor("value", "int64", [1], [7]) }],
  ],
  Range: [[[n([2], []), n([9], []), n([3], [])]], [[f([], [1]), f([], [0]), f([], [-0.25])]]],
};

/** The same node on constants, to be folded, and on fed tensors, to be run. */
function build(op: string, [operands, attributes = {}]: Case, fed: boolean): OpBuilder {
  const g = new OpBuilder({ opset: 17 });
  const inputs = operands.map(([dtype, shape, values], i) => {
    if (fed && i === 0) return g.addInput({ name: "x", dtype, shape });
    g.addInitializer(makeTensor(`c${i}`, dtype, shape, values));
    return g.value(`c${i}`);
  });
  g.emit(op, inputs, attributes);
  return g;
}

Deno.test("every folding rule has a test", () => {
  assert.deepEqual(Object.keys(CASES).sort(), Object.keys(FOLD_RULES).sort());
});

Deno.test("fold() computes what the runtime computes", async (t) => {
  const runner = await cpuRunner();
  for (const [op, cases] of Object.entries(CASES)) {
    await t.step(op, async () => {
      for (const one of cases) {
        const g = build(op, one, false);
        const folded = fold(new NodeView(g.nodes[0], g), g);
        assert.ok(folded, `${op} is not folded`);
        // Where the first operand decides the shape, the runtime gets it as a constant too.
        const run = build(op, one, !["ConstantOfShape", "Range"].includes(op));
        const model = run.build([run.value(run.nodes[0].output[0])]);
        const [[dtype, shape, data]] = one[0];
        const result = await runOnce(runner, model, { x: { shape, data } });
        const [{ shape: dims, data: values }] = Object.values(result);
        assert.deepEqual(folded.dims.map(Number), [...dims]);
        assert.deepEqual(tensorValues(folded), [...Array.from(values)], `${op} of ${dtype}`);
      }
    });
  }
});

Deno.test("fold() leaves weights to the runtime", () => {
  const g = new OpBuilder({ opset: 17 });
  g.addInitializer(makeTensor("w", "float32", [200, 100], 1));
  g.emit("Neg", [g.value("w")]);
  assert.equal(fold(new NodeView(g.nodes[0], g), g), undefined);
  assert.equal(graphOf(g.build([g.value("Neg")])).initializer[0], g.initializers.get("w"));
});

Deno.test("fold() knows the shape of a tensor whose values it does not", () => {
  const g = new OpBuilder({ opset: 17 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2, 3, 5] });
  g.emit("Shape", [x], { start: 1, end: -1 });
  g.emit("Size", [x]);
  const [shape, size] = g.nodes.map((node) => fold(new NodeView(node, g), g)!);
  assert.deepEqual(tensorValues(shape), [3]);
  assert.deepEqual(tensorValues(size), [30]);
});
