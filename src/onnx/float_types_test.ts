import assert from "node:assert/strict";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { noFloat16, testOnBackends } from "../../tests/backends.ts";
import { fixturePath } from "../../tests/fixture_path.ts";
import { moveWeights } from "../../tests/move_weights.ts";
import { narrow } from "../../tests/narrow.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { memorySource } from "../files/byte_source.ts";
import { dataTypeCode } from "./dtype.ts";
import {
  float32Ports,
  hasFloat16,
  narrowDoubles,
  widen,
  widenedLocation,
  widenedSource,
} from "./float_types.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel, readModel, writeModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import {
  AttributeProto_AttributeType as Kind,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation as Location,
} from "./proto/onnx_pb.ts";
import { externalEntries, makeTensor, tensorValues } from "./tensor.ts";
import { declaration } from "./value_info.ts";

const ENCODER = readModel(
  await Deno.readFile(fixturePath("vjp/vae_encoder_moments_op18.onnx")),
);

/** Outputs of the encoder for an image of waves. */
async function encode(model: OnnxModel, weights?: Uint8Array<ArrayBuffer>): Promise<Float32Array> {
  await using backend = await createCpuBackend();
  const data = weights && widenedSource(memorySource(weights));
  using session = await backend.load(writeModel(model), {
    externalData: data ? [{ path: widenedLocation("w"), data }] : [],
  });
  const [input] = session.inputs;
  const values = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i / 7));
  using x = backend.tensor([1, 3, 64, 64], values);
  using y = backend.tensor([1, 8, 16, 16]);
  await session.run({ [input.name]: x }, { [session.outputs[0].name]: y });
  return await backend.read(y);
}

Deno.test("widen() makes a float16 model one that computes in float32", async () => {
  const half = narrow(ENCODER);
  assert.ok(hasFloat16(half) && !hasFloat16(ENCODER));
  const wide = widen(half);
  assert.ok(!hasFloat16(wide));
  for (const info of [...graphOf(wide).input, ...graphOf(wide).output]) {
    assert.equal(declaration(info)?.dtype, "float32");
  }
  const [expected, found] = [await encode(ENCODER), await encode(wide)];
  // Only the weights were rounded, to 11 bits.
  const error = Math.hypot(...found.map((x, i) => x - expected[i])) / Math.hypot(...expected);
  assert.ok(error > 0 && error < 2e-3, `relative error ${error}`);
});

Deno.test("widen() leaves weights outside the graph, to be read through widenedSource()", async () => {
  const half = narrow(ENCODER);
  const { file, weights } = moveWeights(half, "w");
  assert.deepEqual(await encode(widen(readModel(file)), weights), await encode(widen(half)));
});

Deno.test("widen() drops the casts of weights that are float16 to be small", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const half = g.constant("float16", [2], [1.5, -3]);
  const weights = g.emit("Cast", [half], { to: dataTypeCode("float32") });
  const sum = g.rename(g.emit("Add", [x, weights]), "sum");
  const { node, initializer } = graphOf(widen(g.build([sum])));
  assert.deepEqual(node.map(({ opType, input }) => [opType, ...input]), [["Add", "x", half.name]]);
  assert.deepEqual(initializer.map(tensorValues), [[1.5, -3]]);
});

Deno.test("widenedSource() reads halves at odd places in memory", () => {
  const bytes = new Uint8Array(7);
  bytes.set(new Uint8Array(new Float16Array([1, -2, 0.5]).buffer), 1);
  const wide = widenedSource(memorySource(bytes.subarray(1)));
  assert.equal(wide.size, 12);
  assert.deepEqual([...new Float32Array(wide.read(4, 8).buffer)], [-2, 0.5]);
});

const [half, double] = (["float16", "float64"] as const).map(dataTypeCode);

/** A layer normalisation in float16 as PyTorch's exporter writes it: squares and root in float64. */
function layerNorm(): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float16", shape: [2, 4] });
  const axes = g.constant("int64", [1], [-1]);
  const centred = g.emit("Sub", [x, g.emit("ReduceMean", [x, axes])]);
  const wide = g.emit("Cast", [centred], { to: double });
  const squares = g.emit("Pow", [wide, g.constant("float64", [], 2)]);
  const variance = g.emit("ReduceMean", [squares, axes]);
  const std = g.emit("Sqrt", [g.emit("Add", [variance, g.constant("float64", [], 1e-5)])]);
  const normal = g.emit("Cast", [g.emit("Div", [wide, std])], { to: half });
  return g.build([g.rename(g.emit("Mul", [normal, g.constant("float16", [], 2)]), "y")]);
}

testOnBackends(
  "narrowDoubles() lets every device compute a layer normalisation widened to float64",
  async (backend) => {
    const narrowed = narrowDoubles(layerNorm());
    // Squares of 300 do not fit into float16.
    const x = new Float32Array([1, 2, 3, 4, -300, 0, 300, 600]);
    const wanted = [...normalized(x.subarray(0, 4)), ...normalized(x.subarray(4))];
    await using _ = backend;
    for (const model of [widen(narrowed), ...backend.float16 ? [float32Ports(narrowed)] : []]) {
      using session = await backend.load(writeModel(model));
      using input = backend.tensor([2, 4], x);
      using output = backend.tensor([2, 4]);
      await session.run({ x: input }, { y: output });
      const found = await backend.read(output);
      found.forEach((y, i) => assert.ok(Math.abs(y - wanted[i]) < 4e-3, `${y}, not ${wanted[i]}`));
    }
  },
);

/** 2 (x − mean) / std */
function normalized(x: Float32Array): number[] {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  return Array.from(x, (v) => 2 * (v - mean) / Math.sqrt(variance + 1e-5));
}

Deno.test("narrowDoubles() leaves no float64 in inputs, outputs, constants and weights", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float64", shape: [2] });
  const y = g.rename(g.emit("Add", [x, g.constant("float64", [2], [-1.7e308, -Infinity])]), "y");
  const { input, output, initializer } = graphOf(narrowDoubles(g.build([y])));
  for (const info of [...input, ...output]) assert.equal(declaration(info)?.dtype, "float32");
  // The least float64 stays a number.
  const least = -(2 - 2 ** -23) * 2 ** 127;
  assert.deepEqual(initializer.map(tensorValues), [[least, -Infinity]]);
});

Deno.test("narrowDoubles() looks into subgraphs and constants of nodes", () => {
  const constant = create(NodeProtoSchema, {
    opType: "Constant",
    output: ["c"],
    attribute: [{ name: "value", type: Kind.TENSOR, t: makeTensor("", "float64", [1], 0.1) }],
  });
  const branch = create(GraphProtoSchema, { node: [constant] });
  const model = new OpBuilder({ opset: 18 }).build([]);
  graphOf(model).node.push(create(NodeProtoSchema, {
    opType: "If",
    input: ["x"],
    output: ["y"],
    attribute: [{ name: "then_branch", type: Kind.GRAPH, g: branch }],
  }));
  const [{ attribute: [{ g }] }] = graphOf(narrowDoubles(model)).node;
  const { t } = g!.node[0].attribute[0];
  assert.equal(t?.dataType, dataTypeCode("float32"));
  assert.deepEqual(tensorValues(t), [Math.fround(0.1)]);
});

Deno.test("narrowDoubles() leaves alone what has no float64, or keeps it outside", async () => {
  const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
  const model = readModel(await Deno.readFile(url));
  assert.equal(narrowDoubles(model), model);
  const norm = layerNorm();
  const graph = graphOf(norm);
  const outside = changed(norm, {
    graph: changed(graph, {
      initializer: graph.initializer.map((tensor) =>
        tensor.dataType === double
          ? changed(tensor, {
            dataLocation: Location.EXTERNAL,
            externalData: externalEntries({ location: "w", offset: 0, length: 8 }),
          })
          : tensor
      ),
    }),
  });
  assert.equal(narrowDoubles(outside), outside);
});

testOnBackends("float32Ports() casts what goes in and out of a float16 graph", async (backend) => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float16", shape: [3] });
  const n = g.addInput({ name: "n", dtype: "int64", shape: [] });
  const y = g.rename(g.emit("Mul", [x, g.constant("float16", [], 2)]), "y");
  const m = g.rename(g.emit("Neg", [n]), "m");
  const model = float32Ports(g.build([y, m]));
  const types = [...graphOf(model).input, ...graphOf(model).output]
    .map((info) => `${info.name}: ${declaration(info)?.dtype}`);
  assert.deepEqual(types, ["x: float32", "n: int64", "y: float32", "m: int64"]);
  await using _ = backend;
  using session = await backend.load(writeModel(model));
  using input = backend.tensor([3], new Float32Array([1, -2.5, 300]));
  using output = backend.tensor([3]);
  const one = { data: new BigInt64Array(1), shape: [], dtype: "int64" as const };
  await session.run({ x: input, n: one }, { y: output });
  assert.deepEqual([...await backend.read(output)], [2, -5, 600]);
}, noFloat16);

Deno.test("float32Ports() leaves a float32 graph alone", async () => {
  const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
  const model = readModel(await Deno.readFile(url));
  assert.equal(float32Ports(model), model);
  assert.notEqual(float32Ports(narrow(model)), model);
});
