import assert from "node:assert/strict";
import { loadNetworks } from "../../src/diffusion/load_networks.ts";
import { encoderErrors } from "./encoder_errors.ts";
import { readEncoderGolden } from "./golden.ts";
import { withStandIns } from "./with_stand_ins.ts";

/** Largest relative error: weights of fp16 are rounded. */
const TOLERANCE = { diffusers: 1e-4, optimum: 1e-4, fp16: 5e-3 };

Deno.test("the encoder's gradient is PyTorch's, in every layout of Stable Diffusion", async (t) => {
  const golden = readEncoderGolden(new URL("golden.safetensors", import.meta.url));
  await withStandIns(t, { sampleSize: golden.side / 8 }, async (model, layout) => {
    const encoder = await loadNetworks(model, 1, "sample");
    const { latents, cotangent } = await encoderErrors(model.backend, encoder, golden);
    assert.ok(latents < TOLERANCE[layout], `z: relative error ${latents}`);
    assert.ok(cotangent < TOLERANCE[layout], `x̄: relative error ${cotangent}`);
  });
});
