import assert from "node:assert/strict";
import { fixturePath } from "../../tests/fixture_path.ts";
import { moveWeights } from "../../tests/move_weights.ts";
import { narrow } from "../../tests/narrow.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { memorySource } from "../files/byte_source.ts";
import { dataTypeCode } from "./dtype.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { graphOf, type OnnxModel, readModel, writeModel } from "./model.ts";
import { tensorValues } from "./tensor.ts";
import { declaration } from "./value_info.ts";
import { hasFloat16, widen, widenedLocation, widenedSource } from "./widen.ts";

const ENCODER = readModel(
  await Deno.readFile(fixturePath("vjp/vae_encoder_moments_op18.onnx")),
);

/** Outputs of the encoder for an image of waves. */
async function encode(model: OnnxModel, weights?: Uint8Array<ArrayBuffer>): Promise<Float32Array> {
  await using backend = await createCpuBackend();
  const data = weights && widenedSource(memorySource(weights));
  using session = await backend.load(writeModel(model), {
    externalData: data ? [{ path: widenedLocation("w"), data }] : [],
  });
  const [input] = session.inputs;
  const values = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i / 7));
  using x = backend.tensor([1, 3, 64, 64], values);
  using y = backend.tensor([1, 8, 16, 16]);
  await session.run({ [input.name]: x }, { [session.outputs[0].name]: y });
  return await backend.read(y);
}

Deno.test("widen() makes a float16 model one that computes in float32", async () => {
  const half = narrow(ENCODER);
  assert.ok(hasFloat16(half) && !hasFloat16(ENCODER));
  const wide = widen(half);
  assert.ok(!hasFloat16(wide));
  for (const info of [...graphOf(wide).input, ...graphOf(wide).output]) {
    assert.equal(declaration(info)?.dtype, "float32");
  }
  const [expected, found] = [await encode(ENCODER), await encode(wide)];
  // Only the weights were rounded, to 11 bits.
  const error = Math.hypot(...found.map((x, i) => x - expected[i])) / Math.hypot(...expected);
  assert.ok(error > 0 && error < 2e-3, `relative error ${error}`);
});

Deno.test("widen() leaves weights outside the graph, to be read through widenedSource()", async () => {
  const half = narrow(ENCODER);
  const { file, weights } = moveWeights(half, "w");
  assert.deepEqual(await encode(widen(readModel(file)), weights), await encode(widen(half)));
});

Deno.test("widen() drops the casts of weights that are float16 to be small", () => {
  const g = new GraphBuilder({ opset: 18 });
  const x = g.addInput({ name: "x", dtype: "float32", shape: [2] });
  const half = g.constant("float16", [2], [1.5, -3]);
  const weights = g.emit("Cast", [half], { to: dataTypeCode("float32") });
  const sum = g.rename(g.emit("Add", [x, weights]), "sum");
  const { node, initializer } = graphOf(widen(g.build([sum])));
  assert.deepEqual(node.map(({ opType, input }) => [opType, ...input]), [["Add", "x", half.name]]);
  assert.deepEqual(initializer.map(tensorValues), [[1.5, -3]]);
});

Deno.test("widenedSource() reads halves at odd places in memory", () => {
  const bytes = new Uint8Array(7);
  bytes.set(new Uint8Array(new Float16Array([1, -2, 0.5]).buffer), 1);
  const wide = widenedSource(memorySource(bytes.subarray(1)));
  assert.equal(wide.size, 12);
  assert.deepEqual([...new Float32Array(wide.read(4, 8).buffer)], [-2, 0.5]);
});
