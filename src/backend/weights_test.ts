import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import { UserError } from "../errors.ts";
import { type ByteSource, memorySource } from "../files/byte_source.ts";
import { writeModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { skimModel } from "../onnx/skim_model.ts";
import { weightsArray, weightsBlob } from "./weights.ts";

const SIDE = 256;

/** y = x·W + b, with W and b left in the model's file, and that file. */
function linear() {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, SIDE] });
  const identity = Array.from({ length: SIDE * SIDE }, (_, i) => i % (SIDE + 1) === 0 ? 2 : 0);
  const product = g.emit("MatMul", [x, g.constant("float32", [SIDE, SIDE], identity)]);
  const y = g.emit("Add", [product, g.constant("float32", [SIDE * SIDE / 8, SIDE], 1)]);
  const file = writeModel(g.build([g.rename(y, "y")]));
  const model = skimModel(memorySource(file), "weights");
  return { model: writeModel(model), file, shape: y.shape };
}

/** Counts what is read at once, at most. */
function watched(source: ByteSource) {
  return {
    size: source.size,
    most: 0,
    read(offset: number, length: number) {
      this.most = Math.max(this.most, length);
      return source.read(offset, length);
    },
  };
}

Deno.test("weightsBlob() slices and streams", async () => {
  const bytes = Uint8Array.from({ length: 5 << 20 }, (_, i) => i % 253);
  const blob = weightsBlob(memorySource(bytes));
  assert.equal(blob.size, bytes.length);
  const slice = blob.slice(10, 10 + (9 << 19));
  assert.equal(slice.size, 9 << 19);
  const pieces = await Array.fromAsync(slice.stream());
  assert.equal(pieces.length, 2);
  assert.deepEqual(
    new Uint8Array(await new Blob(pieces).arrayBuffer()),
    bytes.slice(10, 10 + (9 << 19)),
  );
  assert.deepEqual(new Uint8Array(await slice.slice(5, 8).arrayBuffer()), bytes.slice(15, 18));
  assert.deepEqual(await Array.fromAsync(blob.slice(3, 3).stream()), []);
});

Deno.test("weightsArray() reads what is asked for", () => {
  const array = weightsArray(memorySource(new Uint8Array([1, 2, 3, 4])));
  assert.equal(array.byteLength, 4);
  assert.deepEqual(array.subarray(1, 3), new Uint8Array([2, 3]));
  assert.ok(array instanceof Uint8Array);
});

testOnBackends("backends read weights tensor by tensor", async (backend) => {
  const { model, file, shape } = linear();
  await using _ = backend;
  const data = watched(memorySource(file));
  using session = await backend.load(model, { externalData: [{ path: "weights", data }] });
  using x = backend.tensor([1, SIDE], Float32Array.from({ length: SIDE }, (_, i) => i));
  using y = backend.tensor(shape);
  await session.run({ x }, { y });
  const result = await backend.read(y);
  assert.deepEqual([...result.slice(0, 4), result.at(-1)], [1, 3, 5, 7, 2 * SIDE - 1]);
  assert.ok(data.most > 0 && data.most < file.length, `read ${data.most} bytes at once`);
});

testOnBackends("backends say why weights could not be read, and keep working", async (backend) => {
  const { model, file } = linear();
  await using _ = backend;
  const data: ByteSource = {
    size: file.length,
    read: () => {
      throw new UserError("Cannot read weights: disk is gone", "find it");
    },
  };
  await assert.rejects(
    backend.load(model, { externalData: [{ path: "weights", data }] }),
    refusal(/^Cannot read weights: disk is gone$/),
  );
  assert.equal(backend.liveSessions, 0);
  const sound = [{ path: "weights", data: memorySource(file) }];
  using _session = await backend.load(model, { externalData: sound });
});
