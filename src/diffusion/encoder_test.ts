import assert from "node:assert/strict";
import { vjp } from "../autodiff/vjp.ts";
import type { Backend } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { readModel, writeModel } from "../onnx/model.ts";
import { refusal } from "../../tests/refusal.ts";
import { type FixtureTensor, readSafetensors } from "../../tests/safetensors.ts";
import { dot } from "../../tests/vectors.ts";
import { COMPOSITE, Encoder, encoderGraph, type EncoderGraphOptions, LATENTS } from "./encoder.ts";

const S = 0.5;
const fixture = (name: string) => new URL(`../../tests/fixtures/vjp/${name}`, import.meta.url);
const floats = ({ data }: FixtureTensor) => Float32Array.from(data);

/** An encoder and its golden values; the golden input is −1..1 and 32 × 40, so it is cut square. */
async function load(backend: Backend, name: string, options: Partial<EncoderGraphOptions> = {}) {
  const bytes = await Deno.readFile(fixture(`${name}.onnx`));
  const graph = encoderGraph(readModel(bytes, name), {
    prompts: 1,
    imageSize: 32,
    scalingFactor: S,
    posterior: "mean",
    ...options,
  });
  const { forward, backward } = vjp(graph, { of: LATENTS, wrt: [COMPOSITE] });
  return new Encoder(backend, {
    forward: await backend.load(writeModel(forward)),
    backward: await backend.load(writeModel(backward)),
  });
}

/** A square of the golden image, brought to 0..1, for P prompts. */
function image(name: string, prompts = 1): Float32Array<ArrayBuffer> {
  const { x } = readSafetensors(fixture(`${name}.golden.safetensors`)).tensors;
  const [, channels, height, width] = x.shape;
  const rows = Array.from({ length: channels * height }, (_, row) => row * width);
  const square = rows.flatMap((at) => [...floats(x).subarray(at, at + 32)].map((v) => (v + 1) / 2));
  return Float32Array.from(
    { length: prompts * square.length },
    (_, i) => square[i % square.length],
  );
}

/** Latents of an encoder run as it came, on the same square: the parameters mean ‖ log-variance. */
async function parameters(backend: Backend, name: string): Promise<Float32Array> {
  using session = await backend.load(await Deno.readFile(fixture(`${name}.onnx`)));
  using x = backend.tensor([1, 3, 32, 32], image(name).map((v) => 2 * v - 1));
  using y = backend.tensor([1, 8, 8, 8]);
  await session.run({ sample: x }, { latent_parameters: y });
  return await backend.read(y);
}

Deno.test("encode gives s times the posterior's mean, for each prompt", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  for (const name of ["vae_encoder_moments_op14", "vae_encoder_moments_op18"]) {
    const wanted = await parameters(backend, name);
    using encoder = await load(backend, name, { prompts: 2 });
    using blended = backend.tensor([2, 3, 32, 32], image(name, 2));
    await encoder.forward(blended);
    const latents = await backend.read(encoder.latents);
    assert.equal(latents.length, wanted.length);
    assert.equal(encoder.posteriorNoise, undefined);
    for (let i = 0; i < latents.length; i++) near(latents[i], S * wanted[i % 256]);
  }
});

Deno.test("a sampled posterior is its mean plus its deviation times the noise", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const name = "vae_encoder_moments_op14";
  const wanted = await parameters(backend, name);
  using encoder = await load(backend, name, { posterior: "sample", prompts: 2 });
  assert.deepEqual(encoder.posteriorNoise?.shape, [1, 4, 8, 8]);
  const noise = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i));
  backend.write(encoder.posteriorNoise!, noise);
  using blended = backend.tensor([2, 3, 32, 32], image(name, 2));
  await encoder.forward(blended);
  const latents = await backend.read(encoder.latents);
  for (let i = 0; i < latents.length; i++) {
    const [mean, logVariance] = [wanted[i % 256], wanted[256 + i % 256]];
    near(latents[i], S * (mean + Math.exp(logVariance / 2) * noise[i % 256]));
  }
});

Deno.test("an encoder that samples inside its graph is fed the noise, or gives the mean", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const name = "vae_encoder_sampled_op14";
  using mean = await load(backend, name);
  using sample = await load(backend, name, { posterior: "sample" });
  using blended = backend.tensor([1, 3, 32, 32], image(name));
  await mean.forward(blended);
  const means = await backend.read(mean.latents);
  assert.equal(mean.posteriorNoise, undefined);

  await sample.forward(blended);
  (await backend.read(sample.latents)).forEach((z, i) => near(z, means[i]));
  backend.write(sample.posteriorNoise!, new Float32Array(256).fill(1));
  await sample.forward(blended);
  assert((await backend.read(sample.latents)).every((z, i) => z > means[i]));
});

Deno.test("the adjoint is the transposed Jacobian of all of z = s·E(2x̂−1)", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const name = "vae_encoder_moments_op18";
  using encoder = await load(backend, name);
  const x = image(name);
  const v = x.map((_, i) => Math.cos(3 * i));
  const cotangent = Float32Array.from({ length: 256 }, (_, i) => Math.sin(5 * i));
  using blended = backend.tensor([1, 3, 32, 32], x);
  using latentCotangent = backend.tensor(encoder.latents.shape, cotangent);
  await encoder.forward(blended);
  await encoder.adjoint(latentCotangent);
  const analytic = dot(await backend.read(encoder.imageCotangent), v);
  const along = async (h: number) => {
    backend.write(blended, x.map((value, i) => value + h * v[i]));
    await encoder.forward(blended);
    return dot(await backend.read(encoder.latents), cotangent);
  };
  const numeric = (await along(1e-2) - await along(-1e-2)) / 2e-2;
  assert(Math.abs(analytic - numeric) < 1e-2 * Math.abs(numeric), `${analytic}, ${numeric}`);
});

Deno.test("a graph with two inputs is no VAE encoder", async () => {
  const url = new URL("../../models/emoji/unet/model.onnx", import.meta.url);
  const unet = readModel(await Deno.readFile(url), "unet");
  const options = { prompts: 1, imageSize: 32, scalingFactor: S, posterior: "mean" } as const;
  assert.throws(() => encoderGraph(unet, options), refusal(/needs one input, an image; found 3/));
});

const near = (actual: number, wanted: number) =>
  assert(Math.abs(actual - wanted) <= 1e-4 * Math.max(1, Math.abs(wanted)), `${actual}, ${wanted}`);
