import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { assertClose, normals } from "../../tests/vectors.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { openModel } from "../models/open_model.ts";
import { OpBuilder } from "../onnx/op_builder.ts";
import { writeModel } from "../onnx/model.ts";
import { Decoder, decoderGraph } from "./decoder.ts";

const SCALING = 0.5;

Deno.test("decode gives (D(z/s) + 1) / 2, for each prompt", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const { model, bytes } = await (await openModel("emoji")).graph("vae_decoder");
  const options = { prompts: 2, latentShape: [4, 8, 8], scalingFactor: SCALING } as const;
  using session = await backend.load(writeModel(decoderGraph(model, options)));
  using decoder = new Decoder(backend, session);
  const z = normals(2 * 4 * 64, 1);
  using latents = backend.tensor([2, 4, 8, 8], z);
  await decoder.forward(latents);
  assert.deepEqual(decoder.images.shape, [2, 3, 32, 32]);

  using raw = await backend.load(bytes);
  using unscaled = backend.tensor([2, 4, 8, 8], z.map((value) => value / SCALING));
  using output = backend.tensor([2, 3, 32, 32]);
  await raw.run({ latent_sample: unscaled }, { sample: output });
  const wanted = (await backend.read(output)).map((y) => (y + 1) / 2);
  assertClose(await backend.read(decoder.images), wanted, 1e-5);
});

Deno.test("a graph that is no VAE decoder is refused", async () => {
  const options = { prompts: 1, latentShape: [4, 8, 8], scalingFactor: 1 } as const;
  const files = await openModel("emoji");
  const refused = async (name: "unet" | "vae_encoder", message: RegExp) => {
    const { model } = await files.graph(name);
    assert.throws(() => decoderGraph(model, options), refusal(message));
  };
  await refused("unet", /must take latents.*it takes 3 inputs/);
  await refused("vae_encoder", /wanted one like \[batch, 3, height, width\], got \[1, 4, 8, 8\]/);

  const copy = (dtype: "float32" | "float16") => {
    const g = new OpBuilder({ opset: 17 });
    const z = g.addInput({ name: "z", dtype, shape: [1, 4, 8, 8] });
    return g.build([g.alias(z, "y")]);
  };
  assert.throws(() => decoderGraph(copy("float16"), options), refusal(/it takes float16/));
  assert.throws(() => decoderGraph(copy("float32"), options), refusal(/a tensor of 1×4×8×8/));
});
