import assert from "node:assert/strict";
import type { HostTensor, Session, Tensor, TensorInfo } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { refusal } from "../../tests/refusal.ts";
import { Denoiser } from "./denoiser.ts";

const SIGNAL2 = 0.36; // ᾱ_t at every t, so √ᾱ_t = 0.6 and √(1−ᾱ_t) = 0.8

/** A U-Net that answers what it is told to, and remembers what it was fed. */
function unet(timestep: Omit<TensorInfo, "name">, answer: (output: Tensor) => void) {
  const fed: Record<string, Tensor | HostTensor>[] = [];
  const session: Session = {
    inputs: [
      { name: "x", dtype: "float32", shape: [2, 1, 1, 2] },
      { name: "t", ...timestep },
      { name: "y", dtype: "float32", shape: [2, 1, 1] },
    ],
    outputs: [{ name: "out", dtype: "float32", shape: [2, 1, 1, 2] }],
    run: (feeds, { out }) => {
      fed.push({ ...feeds });
      return Promise.resolve(answer(out));
    },
    [Symbol.dispose]: () => {},
  };
  return { session, fed };
}

for (const predictionType of ["epsilon", "v_prediction"] as const) {
  Deno.test(`score distillation with ${predictionType}`, async () => {
    await using backend = await createCpuBackend();
    const [z, epsilon, unconditional, conditional] = [[2, -1], [0.5, 1.5], [0.1, 0.2], [0.4, -0.3]];
    const { session, fed } = unet({ dtype: "int64", shape: ["batch"] }, (out) => {
      backend.write(out, Float32Array.from([...unconditional, ...conditional]));
    });
    using embeddings = backend.tensor([2, 1, 1]);
    using denoiser = new Denoiser(backend, {
      unet: session,
      noiseSchedule: { alphasCumprod: new Float32Array(1000).fill(SIGNAL2), predictionType },
      latentShape: [1, 1, 2],
      embeddings,
      prompts: 1,
      guidanceScale: 3,
    });
    using latents = backend.tensor([1, 1, 1, 2], Float32Array.from(z));
    backend.write(denoiser.noise, Float32Array.from(epsilon));
    denoiser.addNoise(latents, 123);
    await denoiser.predict(123);
    denoiser.guide(123);

    const noisy = z.map((z, i) => 0.6 * z + 0.8 * epsilon[i]);
    const guided = unconditional.map((u, i) => u + 3 * (conditional[i] - u));
    const estimate = predictionType === "epsilon"
      ? guided
      : guided.map((v, i) => 0.6 * v + 0.8 * noisy[i]);
    const wanted = estimate.map((e, i) => 0.64 * (e - epsilon[i]));
    const cotangent = await backend.read(denoiser.latentCotangent);
    cotangent.forEach((value, i) => assert(Math.abs(value - wanted[i]) < 1e-6));

    const [{ x, t, y }] = fed;
    assert.equal(y, embeddings);
    const sample = await backend.read(x as Tensor);
    [...noisy, ...noisy].forEach((value, i) => assert(Math.abs(sample[i] - value) < 1e-6));
    assert.deepEqual((t as HostTensor).data, BigInt64Array.of(123n, 123n));
    assert.deepEqual((t as HostTensor).shape, [2]);
  });
}

Deno.test("the timestep comes in the type and rank the U-Net asks for", async () => {
  await using backend = await createCpuBackend();
  const cases: [Omit<TensorInfo, "name">, HostTensor][] = [
    [{ dtype: "int64", shape: [] }, { dtype: "int64", shape: [], data: BigInt64Array.of(7n) }],
    [{ dtype: "float32", shape: [1] }, {
      dtype: "float32",
      shape: [1],
      data: Float32Array.of(7),
    }],
    [{ dtype: "float16", shape: ["batch"] }, {
      dtype: "float16",
      shape: [2],
      data: Float16Array.of(7, 7),
    }],
  ];
  for (const [timestep, wanted] of cases) {
    const { session, fed } = unet(timestep, () => {});
    using embeddings = backend.tensor([2, 1, 1]);
    using denoiser = new Denoiser(backend, {
      unet: session,
      noiseSchedule: { alphasCumprod: new Float32Array(1000), predictionType: "epsilon" },
      latentShape: [1, 1, 2],
      embeddings,
      prompts: 1,
      guidanceScale: 1,
    });
    await denoiser.predict(7);
    assert.deepEqual(fed[0].t, wanted);
  }
});

Deno.test("a graph without a timestep is no U-Net", async () => {
  await using backend = await createCpuBackend();
  const { session } = unet({ dtype: "float32", shape: [2, 2] }, () => {});
  using embeddings = backend.tensor([2, 1, 1]);
  const settings = {
    unet: session,
    noiseSchedule: { alphasCumprod: new Float32Array(1000), predictionType: "epsilon" },
    latentShape: [1, 1, 2],
    embeddings,
    prompts: 1,
    guidanceScale: 1,
  } as const;
  assert.throws(
    () => new Denoiser(backend, settings),
    refusal(/must take .* a timestep \(rank 0 or 1, .* it takes x .* t \(float32, rank 2\)/),
  );
  assert.equal(backend.liveTensors, 1);
});
