import assert from "node:assert/strict";
import { create } from "npm:@bufbuild/protobuf@2.17.0";
import { testOnBackends } from "../../tests/backends.ts";
import { halfModel } from "../../tests/half_model.ts";
import { refusal } from "../../tests/refusal.ts";
import { distance } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import type { Image } from "../image/image.ts";
import { makeAttributes } from "../onnx/attribute.ts";
import { dataTypeCode } from "../onnx/dtype.ts";
import { hasFloat16 } from "../onnx/float_types.ts";
import { changed } from "../onnx/message.ts";
import { graphOf, readModel, writeModel } from "../onnx/model.ts";
import { NodeProtoSchema } from "../onnx/proto/onnx_pb.ts";
import { segment } from "../segment.ts";
import { loadModelOn } from "./load_model.ts";
import { openModel } from "./open_model.ts";
import { atPrecision, inFloat32, PRECISIONS } from "./precision.ts";

const SOURCE = await openModel("emoji");

const GPU = { device: "webgpu", float16: true } as const;
const CPU = { device: "cpu", float16: false } as const;

Deno.test("a graph that computes in float32 stays as it is", async () => {
  const unet = inFloat32(await SOURCE.graph("unet"));
  assert.equal(inFloat32(unet), unet);
  for (const precision of PRECISIONS) assert.equal(atPrecision(unet, "unet", precision, CPU), unet);
});

Deno.test("atPrecision() widens what should be, or can only be, computed in float32", async () => {
  const names = ["text_encoder", "unet", "vae_encoder"] as const;
  await using half = await halfModel();
  const { graph } = await openModel(half.path);
  const graphs = await Promise.all(names.map((name) => graph(name)));
  const narrowAt = (precision: typeof PRECISIONS[number], device: typeof GPU | typeof CPU) =>
    names.filter((name, i) => hasFloat16(atPrecision(graphs[i], name, precision, device).model));
  assert.deepEqual(narrowAt("auto", GPU), ["unet"]);
  assert.deepEqual(narrowAt("auto", CPU), []);
  assert.deepEqual(narrowAt("fp32", GPU), []);
  assert.deepEqual(narrowAt("fp16", GPU), names);
  assert.throws(
    () => narrowAt("fp16", CPU),
    refusal(/^Cannot compute text_encoder\/model\.onnx in float16: device cpu has no float16/),
  );
});

Deno.test("atPrecision() undoes the storing of float32 weights as float16", async () => {
  for (const name of ["unet", "vae_encoder"] as const) {
    const graph = await SOURCE.graph(name);
    assert.ok(hasFloat16(graph.model));
    const float16 = dataTypeCode("float16");
    const stored = graphOf(graph.model).initializer.filter(({ dataType }) => dataType === float16);
    const expected = graphOf(graph.model).node.length - stored.length;
    for (const precision of PRECISIONS) {
      for (const device of [GPU, CPU]) {
        const { model, bytes } = atPrecision(graph, name, precision, device);
        assert.equal(graphOf(model).node.length, expected);
        assert.ok(!hasFloat16(model) && !hasFloat16(readModel(bytes)));
      }
    }
  }
});

Deno.test("atPrecision() leaves no float64, which no GPU computes", async () => {
  const graph = await SOURCE.graph("unet");
  const [first, ...nodes] = graphOf(graph.model).node;
  const [name] = first.output;
  const cast = (from: string, to: string, type: "float32" | "float64") =>
    create(NodeProtoSchema, {
      opType: "Cast",
      input: [from],
      output: [to],
      attribute: makeAttributes({ to: dataTypeCode(type) }),
    });
  const island = [cast("before", "wide", "float64"), cast("wide", name, "float32")];
  const model = changed(graph.model, {
    graph: changed(graphOf(graph.model), {
      node: [changed(first, { output: ["before"] }), ...island, ...nodes],
    }),
  });
  const file = { ...graph, model, bytes: writeModel(model) };
  for (const precision of PRECISIONS) {
    const { bytes } = atPrecision(file, "unet", precision, GPU);
    const types = graphOf(readModel(bytes)).node.filter(({ opType }) => opType === "Cast")
      .flatMap(({ attribute }) => attribute.map(({ i }) => Number(i)));
    assert.ok(types.length > 0 && !types.includes(dataTypeCode("float64")));
  }
});

testOnBackends(
  "a float16 model with its weights outside makes the masks of the float32 one",
  async (backend) => {
    await using half = await halfModel();
    // A folder's defaults are Stable Diffusion's.
    const files = { ...await openModel(half.path), defaults: SOURCE.defaults };
    const whole = await createCpuBackend({ threads: 1 });
    await using model = await loadModelOn(whole, SOURCE);
    const [before, after] = [await mask(model, 1), await mask(model, 2)];
    await using narrow = await loadModelOn(backend, files);
    // A mask moves little in an iteration, so what is compared is how it moves.
    const error = distance(after, await mask(narrow, 2)) / distance(before, after);
    assert.ok(error > 0 && error < 0.1, `${backend.device}: relative error ${error}`);
  },
);

async function mask(model: DiffusionModel, iterations: number): Promise<Float32Array> {
  const image: Image = {
    width: 64,
    height: 64,
    channels: 3,
    data: new Uint8Array(3 * 64 * 64).map((_, i) => i % 255),
  };
  const [{ alpha }] = await segment(model, image, "a dog", { iterations, alphaSize: 64 });
  return alpha;
}
