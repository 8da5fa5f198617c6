import assert from "node:assert/strict";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { cpuRunner, runOnce } from "../../tests/autodiff/runner.ts";
import { relativeError } from "../../tests/vectors.ts";
import { UserError } from "../errors.ts";
import { fixShapes } from "./fix_shapes.ts";
import { widen } from "./float_types.ts";
import { Graph } from "./graph.ts";
import { graphOf, type OnnxModel, readModel, writeModel } from "./model.ts";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as Location,
} from "./proto/onnx_pb.ts";

const ENCODER = new URL("../../models/emoji/vae_encoder/model.onnx", import.meta.url);
const SHAPES = { sample: [1, 3, 24, 32] };

async function encoder(): Promise<OnnxModel> {
  return widen(readModel(await Deno.readFile(ENCODER)));
}

Deno.test("fixShapes() folds shape arithmetic away and computes the same", async () => {
  const model = await encoder();
  const fixed = fixShapes(model, SHAPES);
  const operators = new Set(graphOf(fixed).node.map(({ opType }) => opType));
  for (const op of ["Shape", "Constant", "Gather"]) assert.ok(!operators.has(op), op);
  const runner = await cpuRunner();
  const data = Float32Array.from({ length: 3 * 24 * 32 }, (_, i) => Math.sin(i));
  const feeds = { sample: { shape: SHAPES.sample, data } };
  const [before, after] = [
    await runOnce(runner, model, feeds),
    await runOnce(runner, fixed, feeds),
  ];
  assert.deepEqual(Object.keys(after), ["latent_parameters"]);
  assert.ok(relativeError(after.latent_parameters.data, before.latent_parameters.data) < 1e-6);
});

Deno.test("fixShapes() copies no weight and leaves its model alone", async () => {
  const model = await encoder();
  const before = writeModel(model);
  const bytes = new Set(graphOf(model).initializer.map(({ rawData }) => rawData));
  const weights = graphOf(fixShapes(model, SHAPES)).initializer.filter(({ dims }) =>
    dims.length === 4
  );
  assert.equal(weights.length, 7);
  for (const { rawData } of weights) assert.ok(bytes.has(rawData));
  assert.deepEqual(writeModel(model), before);
});

Deno.test("fixShapes() keeps weights outside the model where they are", async () => {
  const model = await encoder();
  const [weight] = graphOf(model).initializer;
  weight.dataLocation = Location.EXTERNAL;
  weight.externalData = [
    create(StringStringEntryProtoSchema, { key: "location", value: "weights.bin" }),
  ];
  weight.rawData = new Uint8Array();
  const fixed = graphOf(fixShapes(model, SHAPES));
  assert.equal(fixed.initializer.find(({ name }) => name === weight.name), weight);
});

Deno.test("fixShapes() makes every shape known", async () => {
  const graph = Graph.from(fixShapes(await encoder(), SHAPES));
  for (const name of graph.nodes.flatMap(({ output }) => output)) assert.ok(graph.values.has(name));
});

Deno.test("fixShapes() refuses shapes that do not fit, saying which", async () => {
  const model = await encoder();
  const refused: [Record<string, number[]>, RegExp][] = [
    [{}, /"sample": wanted one like \[batch, 3, height, width\], got none/],
    [{ sample: [1, 4, 24, 32] }, /wanted one like .*, got \[1, 4, 24, 32\]/],
    [{ sample: [1, 3, 24] }, /got \[1, 3, 24\]/],
    [{ sample: [1, 3, 24, 31.5] }, /31.5/],
    [{ sample: [1, 3, 0, 32] }, /got \[1, 3, 0, 32\]/],
    [{ ...SHAPES, image: [1] }, /"image": the model has no such input/],
  ];
  for (const [shapes, message] of refused) {
    assert.throws(
      () => fixShapes(model, shapes),
      (error) => error instanceof UserError && message.test(error.message),
    );
  }
});

Deno.test("fixShapes() names the node whose inputs contradict each other", async () => {
  const model = await encoder();
  const bias = graphOf(model).initializer.find(({ dims }) => dims.length === 1)!;
  const add = graphOf(model).node.find(({ opType }) => opType === "Add")!;
  add.name = "odd one";
  add.input[1] = bias.name;
  bias.dims = [7n];
  assert.throws(
    () => fixShapes(model, SHAPES),
    (error) =>
      error instanceof UserError &&
      /^Cannot infer the shapes of Add node "odd one": .* do not broadcast$/.test(error.message),
  );
});
