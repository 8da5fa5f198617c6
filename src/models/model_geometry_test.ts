import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { graphOf, type OnnxModel, readModel } from "../onnx/model.ts";
import type { NeededGraph } from "./graph_file.ts";
import { describeGraph, modelGeometry } from "./model_geometry.ts";

const EMBEDDED = new URL("../../models/emoji/", import.meta.url);
const FIXTURES = new URL("../../tests/fixtures/vjp/", import.meta.url);

function embedded(name: NeededGraph): OnnxModel {
  return readModel(Deno.readFileSync(new URL(`${name}/model.onnx`, EMBEDDED)));
}

function fixture(name: string): OnnxModel {
  return readModel(Deno.readFileSync(new URL(name, FIXTURES)));
}

/** The embedded model's graphs, some of them changed. */
function models(
  changed: Partial<Record<NeededGraph, OnnxModel>> = {},
): Record<NeededGraph, OnnxModel> {
  return {
    text_encoder: embedded("text_encoder"),
    unet: embedded("unet"),
    vae_encoder: embedded("vae_encoder"),
    ...changed,
  };
}

/** A model without the inputs or outputs it had. */
function without(side: "input" | "output", model: OnnxModel): OnnxModel {
  graphOf(model)[side] = [];
  return model;
}

/** Declares one dimension of an input or output as another size, or as free. */
function redeclare(model: OnnxModel, port: string, axis: number, size: number | string): OnnxModel {
  const { input, output } = graphOf(model);
  const tensor = [...input, ...output].find(({ name }) => name === port)!.type!.value;
  assert.ok(tensor.case === "tensorType");
  tensor.value.shape!.dim[axis].value = typeof size === "number"
    ? { case: "dimValue", value: BigInt(size) }
    : { case: "dimParam", value: size };
  return model;
}

const GEOMETRY = { imageSize: 64, latentShape: [4, 16, 16], sequenceLength: 24 };

Deno.test("modelGeometry() reads the embedded model's sizes, told its image size or not", () => {
  assert.deepEqual(modelGeometry(models(), { imageSize: 64 }), GEOMETRY);
  assert.deepEqual(modelGeometry(models()), GEOMETRY);
});

for (const name of ["vae_encoder_moments_op14.onnx", "vae_encoder_sampled_op14.onnx"]) {
  Deno.test(`modelGeometry() understands the exporter's ${name}`, () => {
    const vaeEncoder = fixture(name);
    assert.deepEqual(modelGeometry(models({ vae_encoder: vaeEncoder })), GEOMETRY);
    const unet = redeclare(embedded("unet"), "sample", 1, "channels");
    assert.deepEqual(modelGeometry(models({ unet, vae_encoder: vaeEncoder })), GEOMETRY);
  });
}

Deno.test("modelGeometry() takes the size from the configuration where the U-Net is free", () => {
  const unet = redeclare(
    redeclare(embedded("unet"), "sample", 2, "height"),
    "sample",
    3,
    "width",
  );
  assert.deepEqual(modelGeometry(models({ unet }), { sampleSize: 24 }), {
    imageSize: 96,
    latentShape: [4, 24, 24],
    sequenceLength: 24,
  });
  assert.equal(modelGeometry(models({ unet })).imageSize, 256);
});

Deno.test("modelGeometry() leaves a free sequence length free", () => {
  const textEncoder = redeclare(embedded("text_encoder"), "last_hidden_state", 1, "sequence");
  const changed = models({
    text_encoder: redeclare(textEncoder, "input_ids", 1, "sequence"),
    unet: redeclare(embedded("unet"), "encoder_hidden_states", 1, "sequence"),
  });
  assert.equal(modelGeometry(changed).sequenceLength, undefined);
});

Deno.test("modelGeometry() names what does not fit", () => {
  const cases: [Partial<Record<NeededGraph, OnnxModel>>, RegExp][] = [
    [
      { unet: redeclare(embedded("unet"), "encoder_hidden_states", 2, 768) },
      /text_encoder gives embeddings of width 128, unet takes 768$/,
    ],
    [
      { unet: redeclare(embedded("unet"), "encoder_hidden_states", 1, 77) },
      /text_encoder gives 24 tokens, unet takes 77$/,
    ],
    [
      { unet: redeclare(embedded("unet"), "sample", 1, 16) },
      /vae_encoder gives 8 channels, unet takes latents of 16$/,
    ],
  ];
  for (const [changed, message] of cases) {
    assert.throws(() => modelGeometry(models(changed)), refusal(message));
  }
  assert.throws(
    () => modelGeometry(models(), { imageSize: 128 }),
    refusal(/vae_encoder makes 32×32 latents of a 128-pixel image, unet takes 16×16$/),
  );
});

Deno.test("modelGeometry() refuses graphs in the wrong place", () => {
  const cases: [Partial<Record<NeededGraph, OnnxModel>>, RegExp][] = [
    [{ unet: embedded("vae_encoder") }, /^The U-Net must take .*; it takes sample \(float32, rank/],
    [{ vae_encoder: embedded("unet") }, /^The VAE encoder must take an image/],
    [{ text_encoder: embedded("unet") }, /^The text encoder must take token ids/],
    [{ vae_encoder: without("output", embedded("vae_encoder")) }, /latents .*; it gives nothing$/],
    [{ vae_encoder: without("input", embedded("vae_encoder")) }, /^The VAE encoder must take a/],
    [{ text_encoder: without("input", embedded("text_encoder")) }, /; it takes nothing$/],
  ];
  for (const [changed, message] of cases) {
    assert.throws(() => modelGeometry(models(changed)), refusal(message));
  }
});

Deno.test("describeGraph() gives names and shapes, with free dimensions by their names", () => {
  const [sample] = describeGraph(embedded("unet")).inputs;
  assert.deepEqual([sample.name, sample.shape.join()], ["sample", "batch,4,16,16"]);
});
