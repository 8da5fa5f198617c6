import { create } from "npm:@bufbuild/protobuf@2.17.0";
import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { dataTypeCode } from "./dtype.ts";
import { externalEntries } from "./external.ts";
import { float32Ports } from "./float32_ports.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { changed } from "./message.ts";
import { graphOf, type OnnxModel, readModel, writeModel } from "./model.ts";
import { narrowDoubles } from "./narrow_doubles.ts";
import {
  AttributeProto_AttributeType as Kind,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation as Location,
} from "./proto/onnx_pb.ts";
import { makeTensor, tensorValues } from "./tensor.ts";
import { declaration } from "./value_info.ts";
import { widen } from "./widen.ts";

const [half, double] = (["float16", "float64"] as const).map(dataTypeCode);

/** A layer normalisation in float16 as PyTorch's exporter writes it: squares and root in float64. */
function layerNorm(): OnnxModel {
  const g = new GraphBuilder({ opset: 18 });
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
  const g = new GraphBuilder({ opset: 18 });
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
  const model = new GraphBuilder({ opset: 18 }).build([]);
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
