import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { moveWeights } from "../../tests/move_weights.ts";
import { refusal } from "../../tests/refusal.ts";
import { memorySource } from "../files/byte_source.ts";
import { graphOf, readModel } from "../onnx/model.ts";
import { readGraph } from "./graph_file.ts";
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
