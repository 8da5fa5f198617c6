import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { type ByteSource, memorySource } from "../files/byte_source.ts";
import { graphOf, readModel, writeModel } from "./model.ts";
import { OpBuilder } from "./op_builder.ts";
import { KEPT_BYTES, skimModel } from "./skim_model.ts";
import { externalOf } from "./tensor.ts";

const UNET = await Deno.readFile(new URL("../../models/emoji/unet/model.onnx", import.meta.url));

/** Counts what is read. */
function counted(bytes: Uint8Array<ArrayBuffer>): ByteSource & { total: number } {
  const source = memorySource(bytes);
  return {
    size: source.size,
    total: 0,
    read(offset, length) {
      this.total += length;
      return source.read(offset, length);
    },
  };
}

Deno.test("skimModel() reads all of a model but its large weights, whose places it knows", () => {
  const whole = graphOf(readModel(UNET));
  const skimmed = graphOf(skimModel(memorySource(UNET), "model.onnx"));
  assert.deepEqual(skimmed.node, whole.node);
  assert.deepEqual(skimmed.input, whole.input);
  assert.equal(skimmed.initializer.length, whole.initializer.length);
  let large = 0;
  for (const [i, tensor] of skimmed.initializer.entries()) {
    const original = whole.initializer[i];
    const external = externalOf(tensor);
    assert.deepEqual([tensor.name, tensor.dims], [original.name, original.dims]);
    if (!external) {
      assert.deepEqual(tensor.rawData, original.rawData);
      continue;
    }
    large++;
    const { location, offset, length } = external;
    assert.equal(location, "model.onnx");
    assert.ok(length! > KEPT_BYTES);
    assert.deepEqual(UNET.subarray(offset, offset + length!), original.rawData);
  }
  assert.ok(large > 10);
});

Deno.test("skimModel() does not read weights", () => {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1] });
  const weights = g.constant("float32", [1 << 20], 1);
  const source = counted(writeModel(g.build([g.emit("Add", [x, weights])])));
  assert.equal(graphOf(skimModel(source, "m")).initializer.length, 1);
  assert.ok(source.total < 4 * KEPT_BYTES, `read ${source.total} bytes`);
});

Deno.test("skimModel() refuses what readModel() refuses, in the same words", () => {
  const damaged: Uint8Array<ArrayBuffer>[] = [
    new Uint8Array(),
    new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
    UNET.slice(0, UNET.length / 2),
    UNET.slice(1),
  ];
  for (const bytes of damaged) {
    assert.throws(
      () => skimModel(memorySource(bytes), "model.onnx", "unet/model.onnx"),
      refusal(/^Cannot read ONNX model "unet\/model\.onnx": /),
    );
  }
});
