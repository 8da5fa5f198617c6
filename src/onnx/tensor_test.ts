import assert from "node:assert/strict";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { type DataType, dataTypeCode } from "./dtype.ts";
import {
  type TensorProto,
  TensorProto_DataLocation as Location,
  TensorProtoSchema,
} from "./proto/onnx_pb.ts";
import { makeTensor, tensorType, tensorValues } from "./tensor.ts";

Deno.test("makeTensor() and tensorValues() are inverse for every element type", () => {
  const samples: [DataType, number[]][] = [
    ["float32", [1.5, -0.25, 2 ** 100]],
    ["float64", [Math.PI, -1e300, 0]],
    ["float16", [0.5, -65504, 2]],
    ["int64", [-1, 2 ** 40, 0]],
    ["int32", [-(2 ** 31), 7, 0]],
    ["int16", [-(2 ** 15), 7, 0]],
    ["int8", [-128, 7, 0]],
    ["uint64", [2 ** 40, 7, 0]],
    ["uint32", [2 ** 32 - 1, 7, 0]],
    ["uint16", [2 ** 16 - 1, 7, 0]],
    ["uint8", [0, 255, 3]],
    ["bfloat16", [1.5, -(2 ** 100), 0.0078125]],
    ["bool", [1, 0, 1]],
  ];
  for (const [dtype, values] of samples) {
    const tensor = makeTensor("t", dtype, [3], values);
    assert.deepEqual(tensorType(tensor), { dtype, shape: [3] });
    assert.deepEqual(tensorValues(tensor), values, dtype);
  }
});

Deno.test("makeTensor() clamps to int64, for ends of slices that mean the end", () => {
  const tensor = makeTensor("ends", "int64", [2], [2 ** 63, -(2 ** 64)]);
  const view = new DataView(tensor.rawData.buffer);
  assert.equal(view.getBigInt64(0, true), 2n ** 63n - 1n);
  assert.equal(view.getBigInt64(8, true), -(2n ** 63n));
});

Deno.test("makeTensor() rounds to the nearest bfloat16, and keeps NaN", () => {
  const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, NaN, Infinity];
  const rounded = [1, 1 + 2 ** -6, 1 + 2 ** -7, NaN, Infinity];
  assert.deepEqual(tensorValues(makeTensor("t", "bfloat16", [5], values)), rounded);
});

Deno.test("makeTensor() fills, and refuses a wrong number of values", () => {
  assert.deepEqual(tensorValues(makeTensor("t", "float32", [2, 2], 3)), [3, 3, 3, 3]);
  assert.throws(() => makeTensor("t", "float32", [2, 2], [1]), /needs 4 values, got 1/);
});

Deno.test("tensorValues() reads the typed fields exporters use for small tensors", () => {
  const fields: [DataType, Partial<TensorProto>, number[]][] = [
    ["float32", { floatData: [0.5] }, [0.5]],
    ["float64", { doubleData: [0.1] }, [0.1]],
    ["int64", { int64Data: [-3n] }, [-3]],
    ["int32", { int32Data: [-3] }, [-3]],
    ["bool", { int32Data: [1] }, [1]],
    ["float16", { int32Data: [0x3c00] }, [1]],
    ["uint64", { uint64Data: [3n] }, [3]],
  ];
  for (const [dtype, field, values] of fields) {
    const tensor = Object.assign(create(TensorProtoSchema), field);
    tensor.dataType = dataTypeCode(dtype);
    tensor.dims = [1n];
    assert.deepEqual(tensorValues(tensor), values, dtype);
  }
});

Deno.test("tensorValues() reads bytes that lie anywhere", () => {
  const bytes = new Uint8Array(9);
  bytes.set(new Uint8Array(new Float32Array([1.5, -2]).buffer), 1);
  const tensor = makeTensor("t", "float32", [2], 0);
  tensor.rawData = bytes.subarray(1);
  assert.deepEqual(tensorValues(tensor), [1.5, -2]);
});

Deno.test("tensorValues() has nothing of weights kept outside the model", () => {
  const tensor = makeTensor("t", "float32", [2], 0);
  tensor.dataLocation = Location.EXTERNAL;
  assert.equal(tensorValues(tensor), undefined);
});
