import { create } from "npm:@bufbuild/protobuf@2.17.0";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as Location,
} from "npm:onnx-buf@1.20.0-1";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { refusal } from "../../tests/refusal.ts";
import { graphOf, readModel, writeModel } from "../onnx/model.ts";
import { readGraph } from "./graph_file.ts";
import { folderSource, type ModelSource } from "./model_source.ts";

const EMBEDDED = folderSource(fileURLToPath(new URL("../../models/emoji-64", import.meta.url)));
const UNET = await EMBEDDED.read("unet/model.onnx");

/** A model that holds these files and no others. */
function source(files: Record<string, Uint8Array<ArrayBuffer>>): ModelSource {
  return {
    label: "Model",
    has: (path) => Promise.resolve(path in files),
    read: (path) => Promise.resolve(files[path]),
    files: () => Promise.resolve([]),
  };
}

/** The U-Net with its first two weights kept in the file `location`. */
function withSidecar(location: string): Uint8Array<ArrayBuffer> {
  const model = readModel(UNET);
  for (const tensor of graphOf(model).initializer.slice(0, 2)) {
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = Location.EXTERNAL;
    tensor.externalData = [
      create(StringStringEntryProtoSchema, { key: "location", value: location }),
      create(StringStringEntryProtoSchema, { key: "offset", value: "0" }),
    ];
  }
  return writeModel(model);
}

Deno.test("readGraph() reads weights kept beside the graph", async () => {
  const weights = new Uint8Array([1, 2, 3]);
  const { path, externalData } = await readGraph(
    source({ "unet/model.onnx": withSidecar("weights.pb"), "unet/weights.pb": weights }),
    "unet",
  );
  assert.equal(path, "unet/model.onnx");
  assert.deepEqual(externalData, [{ path: "weights.pb", data: weights }]);
});

Deno.test("readGraph() refuses weights that are missing or outside the model", async () => {
  for (const location of ["weights.pb", "../weights.pb", "/weights.pb", "C:\\weights.pb"]) {
    const files = {
      "unet/model.onnx": withSidecar(location),
      "unet/../weights.pb": new Uint8Array(3),
      "unet//weights.pb": new Uint8Array(3),
      "unet/C:\\weights.pb": new Uint8Array(3),
    };
    await assert.rejects(readGraph(source(files), "unet"), refusal(/^Model lacks .*weights.pb/));
  }
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
