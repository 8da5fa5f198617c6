import assert from "node:assert/strict";
import { create, type MessageInitShape } from "npm:@bufbuild/protobuf@2.17.0";
import { checkModel } from "../../tests/autodiff/op_case.ts";
import { cpuRunner, type Numbers, runOnce } from "../../tests/autodiff/runner.ts";
import { relativeError } from "../../tests/vectors.ts";
import { refusal } from "../../tests/refusal.ts";
import { vjp } from "../autodiff/vjp.ts";
import { float } from "./attribute.ts";
import { fixShapes } from "./fix_shapes.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  FunctionProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from "./proto/onnx_pb.ts";
import { makeTensor } from "./tensor.ts";
import type { Value } from "./value.ts";

const OPSET = 18;
const x: Value = { name: "x", dtype: "float32", shape: [3, 4] };
const data = Array.from({ length: 12 }, (_, i) => 0.3 + 0.13 * i);
const feeds: Record<string, Numbers> = { x: { shape: x.shape, data } };

/** A subgraph that captures x. */
function body(
  name: string,
  inputs: readonly Value[],
  build: (g: OpBuilder, x: Value, inputs: readonly Value[]) => readonly Value[],
): GraphProto {
  const g = new OpBuilder({ opset: OPSET });
  g.declare("x", x);
  inputs.forEach((input) => g.addInput(input));
  // Names inside are unlike those outside.
  const outputs = build(g, x, inputs).map((value, i) => g.rename(value, `${name}_${i}`));
  g.nodes.forEach((node, i) => node.name = `${name}_${node.opType}_${i}`);
  const graph = graphOf(g.build(outputs));
  return changed(graph, { name });
}

function node(
  opType: string,
  input: string[],
  output: string[],
  bodies: Record<string, GraphProto>,
  ints: Record<string, number[]> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: `the ${opType}`,
    input,
    output,
    attribute: [
      ...Object.entries(bodies).map(([name, g]) => ({ name, type: Kind.GRAPH, g })),
      ...Object.entries(ints).map(([name, list]) => ({
        name,
        ...name === "num_scan_inputs"
          ? { type: Kind.INT, i: BigInt(list[0]) }
          : { type: Kind.INTS, ints: list.map(BigInt) },
      })),
    ].map((one) =>
      create(AttributeProtoSchema, one as MessageInitShape<typeof AttributeProtoSchema>)
    ),
  });
}

/** A model of one node with subgraphs, whose output is `y`. */
function model(
  one: NodeProto,
  y: Value,
  constants: readonly TensorProto[] = [],
  inputs: readonly Value[] = [],
): OnnxModel {
  const g = new OpBuilder({ opset: OPSET });
  [x, ...inputs].forEach((input) => g.addInput(input));
  constants.forEach((tensor) => g.addInitializer(tensor));
  g.addNode(one);
  g.declare(y.name, y);
  return g.build([g.value(y.name)]);
}

/** Checks that a model is written out, computes what the runtime does, and is differentiated. */
async function check(one: OnnxModel, ops: readonly string[], more: Record<string, Numbers> = {}) {
  const runner = await cpuRunner();
  const fed = { ...feeds, ...more };
  const fixed = fixShapes(one, {}, { of: "y", wrt: ["x"] });
  assert.ok(graphOf(fixed).node.every(({ opType }) => !ops.includes(opType)));
  const [before, after] = [await runOnce(runner, one, fed), await runOnce(runner, fixed, fed)];
  assert.deepEqual(after.y.shape, before.y.shape);
  assert.ok(relativeError(after.y.data, before.y.data) < 1e-6, `${after.y.data}`);
  await checkModel(runner, one, { of: "y", wrt: ["x"] }, fed);
}

const flag: Value = { name: "flag", dtype: "bool", shape: [] };
const y: Value = { ...x, name: "y" };

/** if flag then ln x else ln(x − 0.25), whose other branch is NaN where flag is true. */
const branches = {
  then_branch: body("then", [], (g, x) => [g.emit("Log", [x])]),
  else_branch: body("else", [], (g, x) => [g.emit("Sqrt", [g.sub(x, g.scalar(0.7, x))])]),
};

Deno.test("a branch that data decide is differentiated, whatever the other branch gives", async () => {
  const one = model(node("If", ["flag"], ["y"], branches), y, [], [flag]);
  await check(one, ["If"], { flag: { shape: [], data: [1] } });
});

Deno.test("a branch that constants decide is taken, and no other is left", async () => {
  const constant = makeTensor("flag", "bool", [], 1);
  const one = model(node("If", ["flag"], ["y"], branches), y, [constant]);
  await check(one, ["If"]);
  assert.deepEqual(graphOf(fixShapes(one)).node.map(({ opType }) => opType), ["Log", "Identity"]);
});

Deno.test("branches of different shapes are refused by name", () => {
  const other = { ...branches, else_branch: body("else", [], (g, x) => [g.slice(x, 0, 0, 1)]) };
  const one = model(node("If", ["flag"], ["y"], other), y, [], [flag]);
  assert.throws(
    () => vjp(one, { of: "y", wrt: ["x"] }),
    refusal(
      /^Cannot differentiate If node "the If": its branches give shapes \[3,4\] and \[1,4\]$/,
    ),
  );
});

const step: Value = { name: "step", dtype: "int64", shape: [] };
const going: Value = { name: "going", dtype: "bool", shape: [] };
const state: Value = { name: "state", dtype: "float32", shape: [3, 4] };

/** The state becomes state·x + step, and is collected. */
const times = body("times", [step, going, state], (g, x, [i, c, s]) => {
  const next = g.add(g.mul(s, x), g.cast(i, "float32"));
  return [g.emit("Identity", [c]), next, g.mul(next, x)];
});

Deno.test("a loop with a constant number of iterations is unrolled, its outputs stacked", async () => {
  const constants = [
    makeTensor("count", "int64", [], 3),
    makeTensor("yes", "bool", [], 1),
    makeTensor("ones", "float32", [3, 4], 1),
  ];
  const stacked = { ...y, shape: [3, 3, 4] };
  const loop = node("Loop", ["count", "yes", "ones"], ["last", "y"], { body: times });
  await check(model(loop, stacked, constants), ["Loop"]);
});

Deno.test("a loop ends where its condition does", async () => {
  const until = body("until", [step, going, state], (g, x, [i, , s]) => [
    g.emit("Less", [i, g.constant("int64", [], 1)]),
    g.mul(s, x),
  ]);
  const constants = [
    makeTensor("count", "int64", [], 10),
    makeTensor("ones", "float32", [3, 4], 1),
  ];
  const loop = node("Loop", ["count", "", "ones"], ["y"], { body: until });
  const one = model(loop, y, constants);
  await check(one, ["Loop"]);
  const powers = graphOf(fixShapes(one, {}, { of: "y", wrt: ["x"] })).node;
  assert.equal(powers.filter(({ opType }) => opType === "Mul").length, 2);
});

Deno.test("a loop whose number of iterations data decide is refused by name", () => {
  const count: Value = { name: "count", dtype: "int64", shape: [] };
  const constants = [makeTensor("ones", "float32", [3, 4], 1)];
  const loop = node("Loop", ["count", "", "ones"], ["y", "all"], { body: times });
  assert.throws(
    () => vjp(model(loop, y, constants, [count]), { of: "y", wrt: ["x"] }),
    refusal(
      /^Cannot differentiate Loop node "the Loop": the operator has no differentiation rule$/,
    ),
  );
});

Deno.test("a loop that would become a huge graph is refused by name", () => {
  const constants = [
    makeTensor("count", "int64", [], 1e6),
    makeTensor("ones", "float32", [3, 4], 1),
  ];
  const loop = node("Loop", ["count", "", "ones"], ["y", "all"], { body: times });
  assert.throws(
    () => vjp(model(loop, y, constants), { of: "y", wrt: ["x"] }),
    refusal(/Loop node "the Loop": its iterations would become more than 20000 nodes$/),
  );
});

Deno.test("a scan is unrolled, in either direction and along any axis", async () => {
  const sum: Value = { name: "sum", dtype: "float32", shape: [3] };
  const column: Value = { name: "column", dtype: "float32", shape: [3] };
  const running = body("running", [sum, column], (g, x, [s, c]) => {
    const next = g.add(g.mul(s, c), c);
    const rows = g.reshape(g.slice(x, 1, 0, 1), [3]);
    return [next, g.mul(next, rows)];
  });
  const constants = [makeTensor("start", "float32", [3], 1)];
  const attributes = {
    num_scan_inputs: [1],
    scan_input_axes: [1],
    scan_input_directions: [1],
    scan_output_axes: [-1],
    scan_output_directions: [1],
  };
  const scan = node("Scan", ["start", "x"], ["last", "y"], { body: running }, attributes);
  await check(model(scan, y, constants), ["Scan"]);
});

Deno.test("a function of the model is inlined, with the attributes of its call", async () => {
  const g = new OpBuilder({ opset: OPSET });
  g.addInput(x);
  const call = (output: string, input: string, alpha?: number) =>
    create(NodeProtoSchema, {
      opType: "Twice",
      domain: "here",
      input: [input],
      output: [output],
      attribute: alpha === undefined
        ? []
        : [create(AttributeProtoSchema, { name: "slope", type: Kind.FLOAT, f: alpha })],
    });
  g.addNode(call("inner", "x", 0.5));
  g.addNode(call("y", "inner"));
  g.declare("y", y);
  const elu = (input: string, output: string) =>
    create(NodeProtoSchema, {
      opType: "Elu",
      input: [input],
      output: [output],
      attribute: [{ name: "alpha", type: Kind.FLOAT, refAttrName: "slope" }],
    });
  const twice = create(FunctionProtoSchema, {
    name: "Twice",
    domain: "here",
    input: ["a"],
    output: ["c"],
    attributeProto: [{ name: "slope", type: Kind.FLOAT, f: float(2).float }],
    opsetImport: [{ domain: "", version: BigInt(OPSET) }],
    node: [
      create(NodeProtoSchema, { opType: "Sin", input: ["a"], output: ["s"] }),
      elu("s", "b"),
      create(NodeProtoSchema, { opType: "Add", input: ["b", "a"], output: ["c"] }),
    ],
  });
  const one = g.build([g.value("y")]);
  const imports = [
    ...one.opsetImport,
    changed(one.opsetImport[0], { domain: "here", version: 1n }),
  ];
  const negative = { x: { shape: x.shape, data: data.map((value) => -value) } };
  await check(
    changed(one, { functions: [twice], opsetImport: imports }),
    ["Twice"],
    negative,
  );
});

Deno.test("a cast to the type of another tensor is a cast", async () => {
  const g = new OpBuilder({ opset: OPSET });
  g.addInput(x);
  const two = g.constant("int64", [], 2);
  const like = g.emit("CastLike", [two, x]);
  await check(g.build([g.rename(g.mul(g.emit("CastLike", [x, like]), like), "y")]), ["CastLike"]);
});

Deno.test("Gelu and QuickGelu of ONNX Runtime's own domain are written out", async () => {
  for (const [op, attributes] of [["Gelu", {}], ["QuickGelu", { alpha: float(1.5) }]] as const) {
    const g = new OpBuilder({ opset: OPSET });
    g.addInput(x);
    const [gelu] = g.emitAll(op, [x], attributes, [x], "com.microsoft");
    const one = g.build([g.rename(gelu, "y")]);
    const imports = [
      ...one.opsetImport,
      changed(one.opsetImport[0], { domain: "com.microsoft", version: 1n }),
    ];
    await check(changed(one, { opsetImport: imports }), [op]);
  }
});
