import assert from "node:assert/strict";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { checkModel, random, spaced } from "../../tests/autodiff/op_case.ts";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";
import { refusal } from "../../tests/refusal.ts";
import { type Attributes, float } from "./attribute.ts";
import { convertOpset } from "./convert_opset.ts";
import { opsetOf } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { AttributeProto_AttributeType, AttributeProtoSchema } from "./proto/onnx_pb.ts";
import { sizeOf, type Value } from "./value.ts";

/** A use of an operator as an older set wrote it: x and constants, one float output of shape `y`. */
interface OldUse {
  readonly opset: number;
  readonly op: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly attributes?: Attributes;
  readonly constants?: readonly (readonly number[])[];
  /** An attribute that is a list of floats. */
  readonly scales?: readonly number[];
  /** The derivative is zero. */
  readonly flat?: boolean;
}

const OLD: readonly OldUse[] = [
  { opset: 12, op: "Squeeze", x: [2, 1, 3], y: [2, 3], attributes: { axes: [1] } },
  { opset: 11, op: "Unsqueeze", x: [2, 3], y: [1, 2, 3, 1], attributes: { axes: [0, 3] } },
  { opset: 11, op: "ReduceSum", x: [2, 3], y: [2], attributes: { axes: [1], keepdims: 0 } },
  { opset: 7, op: "Split", x: [4], y: [3], attributes: { axis: 0, split: [3, 1] } },
  {
    opset: 9,
    op: "Slice",
    x: [3, 5],
    y: [3, 2],
    attributes: { starts: [1], ends: [3], axes: [1] },
  },
  { opset: 9, op: "Slice", x: [3, 5], y: [2, 4], attributes: { starts: [1, 0], ends: [9, -1] } },
  {
    opset: 9,
    op: "Clip",
    x: [5],
    y: [5],
    attributes: { min: float(-0.5), max: float(1) },
  },
  { opset: 7, op: "Clip", x: [5], y: [5], attributes: { max: float(0.5) } },
  {
    opset: 10,
    op: "Pad",
    x: [2, 2],
    y: [3, 5],
    attributes: { pads: [1, 0, 0, 3], value: float(2) },
  },
  {
    opset: 8,
    op: "Pad",
    x: [2, 3],
    y: [3, 4],
    attributes: { pads: [1, 1, 0, 0], mode: "reflect" },
  },
  { opset: 12, op: "Softmax", x: [2, 3, 2], y: [2, 3, 2] },
  { opset: 12, op: "Softmax", x: [2, 3], y: [2, 3], attributes: { axis: 0 } },
  { opset: 9, op: "LogSoftmax", x: [2, 3, 2], y: [2, 3, 2], attributes: { axis: 2 } },
  { opset: 12, op: "Hardmax", x: [2, 3, 2], y: [2, 3, 2], flat: true },
  {
    opset: 7,
    op: "Upsample",
    x: [1, 1, 2, 3],
    y: [1, 1, 4, 9],
    scales: [1, 1, 2, 3],
  },
  {
    opset: 9,
    op: "Upsample",
    x: [1, 1, 2, 3],
    y: [1, 1, 4, 6],
    attributes: { mode: "linear" },
    constants: [[1, 1, 2, 2]],
  },
  {
    opset: 10,
    op: "Resize",
    x: [1, 1, 4, 3],
    y: [1, 1, 2, 6],
    attributes: { mode: "linear" },
    constants: [[1, 1, 0.5, 2]],
  },
  { opset: 10, op: "Resize", x: [1, 3], y: [1, 6], constants: [[1, 2]] },
  { opset: 9, op: "Dropout", x: [3], y: [3], attributes: { ratio: float(0.3) } },
  { opset: 9, op: "TopK", x: [2, 4], y: [2, 3], attributes: { k: 3, axis: 1 } },
  {
    opset: 7,
    op: "BatchNormalization",
    x: [2, 2, 2],
    y: [2, 2, 2],
    attributes: { spatial: 1 },
    constants: [[1, 2], [0.5, -1], [0.1, 0.2], [1, 2]],
  },
];

function build({ opset, op, x, y, attributes = {}, constants = [], scales }: OldUse) {
  const g = new OpBuilder({ opset });
  const input = g.addInput({ name: "x", dtype: "float32", shape: x });
  const rest = constants.map((values): Value => g.constant("float32", [values.length], values));
  const second = op === "TopK" ? "int64" : "float32";
  const types = ["Split", "TopK"].includes(op)
    ? [
      { dtype: "float32", shape: y } as const,
      {
        dtype: second,
        shape: op === "Split" ? [1] : y,
      } as const,
    ]
    : [{ dtype: "float32", shape: y } as const];
  const [result] = g.emitAll(op, [input, ...rest], attributes, types);
  if (scales) {
    const { FLOATS: type } = AttributeProto_AttributeType;
    g.nodes[0].attribute.push(
      create(AttributeProtoSchema, { name: "scales", type, floats: [...scales] }),
    );
  }
  return g.build([g.alias(g.mul(result, result), "y")]);
}

Deno.test("models of older operator sets compute the same in set 16, and have derivatives", async (t) => {
  const runner = await cpuRunner();
  for (const use of OLD) {
    await t.step(
      `${use.op} of set ${use.opset} ${JSON.stringify(use.attributes ?? {})}`,
      async () => {
        const model = build(use);
        const feeds = {
          x: { shape: use.x, data: spaced(sizeOf(use.x), [-2, 2], random(5)) },
        };
        const [wanted, got] = [
          (await runOnce(runner, model, feeds)).y,
          (await runOnce(runner, convertOpset(model), feeds)).y,
        ];
        assert.deepEqual(got, wanted);
        assert.deepEqual(got.shape, use.y);
        if (!use.flat) await checkModel(runner, model, { of: "y", wrt: ["x"] }, feeds);
      },
    );
  }
});

Deno.test("a model of a newer operator set than the runtime's is written in the runtime's", async () => {
  const runner = await cpuRunner();
  const g = new OpBuilder({ opset: 28 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 1, 2, 4] });
  const y = g.emit("SpaceToDepth", [g.emit("Celu", [x])], { blocksize: 2, mode: "DCR" });
  const model = g.build([g.alias(y, "y")]);
  await assert.rejects(runOnce(runner, model, { x: { shape: x.shape, data: Array(8).fill(1) } }));
  assert.equal(opsetOf(convertOpset(model)), 26);
  const feeds = { x: { shape: x.shape, data: spaced(8, [-2, 2], random(3)) } };
  await checkModel(runner, convertOpset(model), { of: "y", wrt: ["x"] }, feeds);
});

Deno.test("a model in a known operator set is not copied; one that is too old is refused", () => {
  const model = (opset: number, op: string, attributes: Attributes = {}) => {
    const g = new OpBuilder({ opset });
    const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 4] });
    const scales = g.constant("float32", [2], [1, 0.5]);
    return g.build(
      g.emitAll(op, op === "Resize" ? [x, scales] : [x], attributes, [{
        dtype: "float32",
        shape: [1, 2],
      }]),
    );
  };
  const known = model(17, "Relu");
  assert.equal(convertOpset(known), known);
  assert.throws(() => convertOpset(model(6, "Relu")), refusal(/operator set 7 or newer, got 6/));
  assert.throws(() => convertOpset(model(10, "Resize")), refusal(/^Cannot convert Resize node/));
});
