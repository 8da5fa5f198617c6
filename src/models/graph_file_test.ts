import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { moveWeights } from "../../tests/move_weights.ts";
import { refusal } from "../../tests/refusal.ts";
import { type ByteSource, memorySource } from "../files/byte_source.ts";
import { graphOf, type OnnxModel, readModel, writeModel } from "../onnx/model.ts";
import { skimModel } from "../onnx/skim_model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { externalEntries, externalOf, tensorValues } from "../onnx/tensor.ts";
import { openExternalData, readGraph } from "./graph_file.ts";
import { folderSource, type ModelSource } from "./model_source.ts";

const EMBEDDED = folderSource(fileURLToPath(new URL("../../models/emoji", import.meta.url)));
const UNET = await EMBEDDED.read("unet/model.onnx");

/** A model that holds these files and no others. */
function source(files: Record<string, Uint8Array<ArrayBuffer>>): ModelSource {
  return {
    label: "Model",
    has: (path) => Promise.resolve(path in files),
    read: (path) => Promise.resolve(files[path]),
    open: (path) => Promise.resolve(memorySource(files[path])),
    openBeside: (graph, location) => {
      const bytes = files[`${dirname(graph)}/${location}`];
      return Promise.resolve(bytes ? memorySource(bytes) : "is missing");
    },
    files: () => Promise.resolve([]),
  };
}

Deno.test("readGraph() opens weights kept beside the graph", async () => {
  const { file, weights } = moveWeights(readModel(UNET), "weights.pb");
  const { path, model, externalData } = await readGraph(
    source({ "unet/model.onnx": file, "unet/weights.pb": weights }),
    "unet",
  );
  assert.equal(path, "unet/model.onnx");
  assert.deepEqual(externalData.map(({ path, data }) => [path, data.size]), [
    ["weights.pb", weights.length],
  ]);
  // Small tensors are read, so that shape arithmetic can be folded.
  const small = graphOf(model).initializer.find(({ dims }) => dims.length === 1)!;
  const original = graphOf(readModel(UNET)).initializer.find(({ name }) => name === small.name)!;
  assert.deepEqual(small.rawData, original.rawData);
});

Deno.test("readGraph() names a graph that is missing", async () => {
  await assert.rejects(
    readGraph(source({ "unet/model.onnx": UNET }), "vae_decoder"),
    refusal(/^Model lacks vae_decoder\/model\.onnx$/),
  );
});

Deno.test("readGraph() refuses a corrupt graph", async () => {
  const damaged: Uint8Array<ArrayBuffer>[] = [
    new Uint8Array(),
    new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
    UNET.slice(0, UNET.length / 2),
  ];
  for (const bytes of damaged) {
    await assert.rejects(
      readGraph(source({ "unet/model.onnx": bytes }), "unet"),
      refusal(/^Cannot read ONNX model "unet\/model.onnx": /),
    );
  }
});

const SIZE = 1 << 15;

/** y = x·w + b: w large enough to stay outside, b small; both at `location`. */
function model(location: string, w: Record<string, string | number> = {}): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1] });
  const product = g.emit("Mul", [x, g.constant("float32", [SIZE], 0)]);
  const y = g.emit("Add", [product, g.constant("float32", [1], 7)]);
  const skimmed = skimModel(memorySource(writeModel(g.build([y]))), location);
  const [large, small] = graphOf(skimmed).initializer;
  const extent = { location, offset: 16, length: 4 * SIZE };
  // The types are what a graph should hold, the test also writes what it should not.
  large.externalData = externalEntries({ ...extent, ...w } as typeof extent);
  small.rawData = new Uint8Array();
  small.externalData = externalEntries({ location, offset: 0, length: 4 });
  small.dataLocation = large.dataLocation;
  return readModel(writeModel(skimmed));
}

const SIDECAR = new Uint8Array(16 + 4 * SIZE);
new Float32Array(SIDECAR.buffer)[0] = 7;

/** Opens a model's data where there is one sidecar, `weights.pb`. */
function open(model: OnnxModel, found: ByteSource | string = memorySource(SIDECAR)) {
  return openExternalData(model, {
    source: { label: 'Model folder "m"', openBeside: () => Promise.resolve(found) },
    path: "unet/model.onnx",
    file: memorySource(new Uint8Array()),
  });
}

Deno.test("openExternalData() opens a file once and reads small tensors into the graph", async () => {
  const graph = model("weights.pb");
  const data = await open(graph);
  assert.deepEqual(data.map(({ path }) => path), ["weights.pb"]);
  const [large, small] = graphOf(graph).initializer;
  assert.equal(externalOf(large)?.offset, 16);
  assert.equal(externalOf(small), undefined);
  assert.deepEqual(tensorValues(small), [7]);
});

Deno.test("openExternalData() refuses locations outside the graph's folder", async () => {
  const locations = [
    ...["", ".", "..", "../weights.pb", "below/../../weights.pb", "/etc/passwd", "below//w"],
    ...[
      "..\\weights.pb",
      "\\\\server\\share",
      "C:\\weights.pb",
      "C:weights.pb",
      "w\0.pb",
      "below/",
    ],
  ];
  for (const location of locations) {
    await assert.rejects(
      open(model(location)),
      (error) =>
        refusal(/^Model folder "m" cannot be used: tensor "constant" of unet\/model\.onnx keeps/)(
          error,
        ) && (error as Error).message.endsWith(
          `keeps its weights in ${JSON.stringify(location)}, which is outside the graph's folder`,
        ),
      location,
    );
  }
});

Deno.test("openExternalData() says what is wrong with a file", async () => {
  await assert.rejects(
    open(model("weights.pb"), "is missing"),
    refusal(
      /tensor "constant" of unet\/model\.onnx keeps its weights in "weights\.pb", which is missing$/,
    ),
  );
});

Deno.test("openExternalData() refuses extents that are not in the file, or not the tensor's", async () => {
  const length = 4 * SIZE;
  const cases: [Record<string, string | number>, RegExp][] = [
    [{ offset: 20 }, /of which it takes bytes 20 to 131092; the file has 131088$/],
    [{ offset: -4 }, /whose offset is not a number$/],
    [{ offset: "1e3" }, /whose offset is not a number$/],
    [{ offset: "99999999999999999999" }, /whose offset is not a number$/],
    [{ length: length - 4 }, /of which it takes 131068 bytes; its shape needs 131072$/],
    [{ length: "all" }, /whose length is not a number$/],
  ];
  for (const [entries, message] of cases) {
    await assert.rejects(open(model("weights.pb", entries)), refusal(message));
  }
});

Deno.test("openExternalData() finds the weights of a large graph in its own file", async () => {
  const file = memorySource(UNET);
  const graph = skimModel(file, "model.onnx");
  const data = await openExternalData(graph, {
    source: { label: "Model", openBeside: () => Promise.resolve("is missing") },
    path: "unet/model.onnx",
    file,
  });
  assert.deepEqual(data.map(({ path }) => path), ["model.onnx"]);
});
