import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { type ByteSource, memorySource } from "../files/byte_source.ts";
import { graphOf, type OnnxModel, readModel, writeModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { skimModel } from "../onnx/skim_model.ts";
import { externalEntries, externalOf, tensorValues } from "../onnx/tensor.ts";
import { openExternalData } from "./external_data.ts";

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
    [{ offset: -4 }, /whose offset is no number$/],
    [{ offset: "1e3" }, /whose offset is no number$/],
    [{ offset: "99999999999999999999" }, /whose offset is no number$/],
    [{ length: length - 4 }, /of which it takes 131068 bytes; its shape needs 131072$/],
    [{ length: "all" }, /whose length is no number$/],
  ];
  for (const [entries, message] of cases) {
    await assert.rejects(open(model("weights.pb", entries)), refusal(message));
  }
});
