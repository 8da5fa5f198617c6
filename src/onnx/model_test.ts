import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { memorySource } from "../files/byte_source.ts";
import { skimModel } from "./skim_model.ts";
import { UserError } from "../errors.ts";
import { graphOf, opsetOf, readModel, writeModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";

const ENCODER = new URL("../../models/emoji/vae_encoder/model.onnx", import.meta.url);

Deno.test("readModel() keeps weights as views into the file's bytes", async () => {
  const bytes = await Deno.readFile(ENCODER);
  const model = readModel(bytes);
  assert.equal(opsetOf(model), 17);
  for (const { rawData } of graphOf(model).initializer) assert.equal(rawData.buffer, bytes.buffer);
});

Deno.test("writeModel() gives back what was read", async () => {
  const bytes = await Deno.readFile(ENCODER);
  assert.deepEqual(writeModel(readModel(bytes)), bytes);
});

Deno.test("readModel() refuses what is no model, by name", async () => {
  const bytes = await Deno.readFile(ENCODER);
  const broken = [
    new Uint8Array(),
    bytes.slice(0, 1000),
    new TextEncoder().encode("not a model at all"),
  ];
  for (const content of broken) {
    assert.throws(
      () => readModel(content, "vae.onnx"),
      (error) => error instanceof UserError && error.message.includes('"vae.onnx"'),
    );
  }
});

Deno.test("a Git LFS pointer is refused as one", () => {
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 134\n";
  const bytes = new TextEncoder().encode(pointer);
  const message = refusal(/^Cannot read ONNX model "vae.onnx": it is a Git LFS pointer/);
  assert.throws(() => readModel(bytes, "vae.onnx"), message);
  assert.throws(() => skimModel(memorySource(bytes), "vae.onnx"), message);
});

Deno.test("readModel() refuses operator sets older than it understands", () => {
  const g = new OpBuilder({ opset: 12 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1] });
  const bytes = writeModel(g.build([g.emit("Neg", [x])]));
  assert.throws(() => readModel(bytes), /wanted operator set 13 or newer, got 12/);
});
