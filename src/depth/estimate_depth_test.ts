import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { fixturePath } from "../../tests/fixture_path.ts";
import { refusal } from "../../tests/refusal.ts";
import { readSafetensors } from "../../tests/safetensors.ts";
import { assertClose } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { openDepthModel } from "../models/open_depth.ts";
import type { Image } from "../image/image.ts";
import type { ImageInput } from "../image/image_input.ts";
import { type OnnxModel, writeModel } from "../onnx/model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { asFree } from "../../tests/as_free.ts";
import { depthToSquare } from "./depth_map.ts";
import { estimateDepth } from "./estimate_depth.ts";

const INPUT: ImageInput = { size: 8, mean: [0, 0, 0], std: [1, 1, 1] };
const data = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);
const image: Image = { width: 4, height: 2, channels: 3, data };

/** A depth model of a graph. */
const depthModel = (model: OnnxModel, input = INPUT) => ({
  id: "test",
  sha256: "",
  input,
  graph: () => Promise.resolve({ bytes: writeModel(model), model, externalData: [] }),
});

testOnBackends(
  "the depth of an image agrees with PyTorch, and nothing stays loaded",
  async (backend) => {
    const { tensors } = readSafetensors(
      new URL("../../tests/golden/trajectory/depth-bilateral.safetensors", import.meta.url),
    );
    const [, height, width] = tensors.image.shape;
    const planes = tensors.image.data;
    const data = Uint8Array.from(
      { length: planes.length },
      (_, i) => Math.round(255 * Number(planes[i % 3 * width * height + Math.floor(i / 3)])),
    );
    await using _ = backend;
    const model = await openDepthModel(fixturePath("companions/depth"));
    const map = await estimateDepth(backend, model, { width, height, channels: 3, data });
    assert.deepEqual([map.width, map.height], [width, height]);
    assertClose(depthToSquare(map, width, "scale"), tensors.depth.data, 1e-4);
    assert.deepEqual([backend.liveTensors, backend.liveSessions], [0, 0]);
  },
);

testOnBackends("a graph of operator set 9, as MiDaS's is, runs as it is", async (backend) => {
  await using _ = backend;
  const model = await openDepthModel(fixturePath("companions/depth-opset-9"));
  const light: Image = {
    width: 16,
    height: 16,
    channels: 3,
    data: new Uint8Array(768).fill(255, 384),
  };
  const { depth } = await estimateDepth(backend, model, light);
  // It sees brightness, 2×2 pixels at a time.
  assertClose(depth, Float32Array.from(depth, (_, i) => i < 128 ? 0 : 1), 1e-5);
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [0, 0]);
});

/** Brightness of the image in the graph's input, in `size` pixels a side. */
function brightness(height: number, width: number): OnnxModel {
  const g = new OpBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [1, 3, height, width] });
  return g.build([g.rename(g.reduce("ReduceMean", x, [1]), "depth")]);
}

Deno.test("sides that a graph leaves free are multiples, in the image's proportions", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const seen: number[][] = [];
  const { load } = backend;
  backend.load = async (bytes, options) => {
    const { height, width } = options!.freeDimensions!;
    seen.push([height, width]);
    return await load.call(backend, bytes, options);
  };
  const free = asFree(brightness(1, 1), ["batch", 3, "height", "width"], ["batch", 1, "h2", "w2"]);
  const wide: Image = {
    width: 300,
    height: 100,
    channels: 3,
    data: new Uint8Array(90000).fill(51),
  };
  const strip: Image = { width: 900, height: 1, channels: 3, data: new Uint8Array(2700).fill(51) };
  for (
    const [subject, input] of [
      [image, INPUT],
      [wide, { ...INPUT, size: 70, multipleOf: 14 }],
      [strip, { ...INPUT, size: 70, multipleOf: 14 }],
    ] as const
  ) {
    const { depth, width, height } = await estimateDepth(backend, depthModel(free, input), subject);
    assert.equal(depth.length, width * height);
    if (subject !== image) assert(depth.every((value) => Math.abs(value - 0.2) < 1e-5));
  }
  assert.deepEqual(seen, [[8, 8], [70, 210], [70, 280]]);
});

Deno.test("what is no depth model is refused, and nothing stays loaded", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const refused = async (model: OnnxModel, message: RegExp, mean = 0) => {
    const input = { ...INPUT, mean: [mean, mean, mean] };
    await assert.rejects(estimateDepth(backend, depthModel(model, input), image), refusal(message));
    assert.deepEqual([backend.liveTensors, backend.liveSessions], [0, 0]);
  };
  const g = new OpBuilder({ opset: 18 });
  const two = ["x", "y"].map((name) => g.addInput({ name, dtype: "float32", shape: [1, 3, 8, 8] }));
  await refused(g.build([g.add(two[0], two[1])]), /must take an image.*it takes 2 inputs, "x"/);

  const grey = new OpBuilder({ opset: 18 });
  const flat = grey.addInput({ name: "x", dtype: "float32", shape: [1, 192] });
  await refused(grey.build([grey.add(flat, flat)]), /it takes 1 input, "x" \(float32, rank 2\)/);

  const colours = new OpBuilder({ opset: 18 });
  const x = colours.addInput({ name: "x", dtype: "float32", shape: [1, 3, 8, 8] });
  await refused(
    colours.build([colours.rename(colours.add(x, x), "y")]),
    /must give one number per pixel.*it gives y \(float32, 1×3×8×8\)/,
  );
  await refused(brightness(8, 8), /"test" gives a value that is not a finite number/, NaN);
});
