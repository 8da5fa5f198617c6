import assert from "node:assert/strict";
import golden from "../../tests/golden/sampling.json" with { type: "json" };
import { testOnBackends } from "../../tests/backends.ts";
import { assertClose } from "../../tests/vectors.ts";
import type { Backend, HostTensor, Session, Tensor } from "../backend/backend.ts";
import { Sampler } from "./sampler.ts";
import { type SamplerConfig, samplingPlan } from "./sampling_plan.ts";
import { createNoiseSchedule } from "./noise_schedule.ts";

const { start, guidance: guidanceScale } = golden;
const SIZE = start.length;

/** The network of tests/golden/sampling.py, which remembers the timesteps it is asked at. */
function network(backend: Backend, prompts: number) {
  const asked: number[] = [];
  const session: Session = {
    inputs: [
      { name: "z", dtype: "float32", shape: [2 * prompts, 1, 1, SIZE] },
      { name: "t", dtype: "float32", shape: [] },
      { name: "y", dtype: "float32", shape: [2 * prompts, 1, 1] },
    ],
    outputs: [{ name: "out", dtype: "float32", shape: [2 * prompts, 1, 1, SIZE] }],
    async run({ z, t }, { out }) {
      const timestep = Number((t as HostTensor).data[0]);
      asked.push(timestep);
      const half = prompts * SIZE;
      const predict = (z: number, i: number) =>
        i < half
          ? Math.tanh(0.7 * z + 0.3 * Math.sin(timestep / 150))
          : Math.tanh(0.9 * z - 0.2 + 0.1 * Math.cos(timestep / 70));
      backend.write(out, (await backend.read(z as Tensor)).map(predict));
    },
    [Symbol.dispose]: () => {},
  };
  return { session, asked };
}

/** A sampler of a golden case, and the timesteps its network is asked at. */
function open(backend: Backend, entry: typeof golden.cases[number], prompts = 1) {
  const { scheduler: name, steps, ...rest } = entry;
  const config: SamplerConfig = { clip_sample_range: 1, ...rest };
  const noiseSchedule = createNoiseSchedule({
    beta_schedule: "scaled_linear",
    beta_start: 0.00085,
    beta_end: 0.012,
    num_train_timesteps: 1000,
    prediction_type: entry.prediction_type,
  });
  const plan = samplingPlan(name as "ddim" | "pndm", noiseSchedule.alphasCumprod, steps, config);
  const { session: unet, asked } = network(backend, prompts);
  const embeddings = backend.tensor([2 * prompts, 1, 1]);
  const settings = {
    ...{ unet, noiseSchedule, embeddings, prompts, guidanceScale },
    latentShape: [1, 1, SIZE],
  } as const;
  const sampler = new Sampler(backend, settings, plan);
  const dispose = () => {
    sampler[Symbol.dispose]();
    embeddings[Symbol.dispose]();
  };
  return { sampler, plan, asked, [Symbol.dispose]: dispose };
}

for (const entry of golden.cases) {
  const { scheduler, steps, prediction_type: prediction, skip_prk_steps: skip } = entry;
  const warmUp = scheduler === "pndm" && !skip ? " after Runge–Kutta steps" : "";
  const name = `${scheduler}${warmUp}, ${steps} steps, ${entry.timestep_spacing}, ${prediction}`;
  testOnBackends(`${name}: as the papers' equations in float64`, async (backend) => {
    await using _ = backend;
    using run = open(backend, entry);
    run.sampler.start(Float32Array.from(start));
    for (const [k, step] of run.plan.steps.entries()) {
      await run.sampler.step(step);
      assertClose(await backend.read(run.sampler.latents), entry.trajectory[k], 1e-4);
    }
    assert.deepEqual(run.asked, entry.asked);
    assert.equal(run.plan.steps.length, steps);
  });
}

testOnBackends(
  "each of several prompts, and each image after another, is sampled as if alone",
  async (backend) => {
    const entry = golden.cases.find(({ scheduler, steps }) =>
      scheduler === "pndm" && steps === 10
    )!;
    await using _ = backend;
    {
      using run = open(backend, entry, 2);
      for (const sign of [-1, 1]) {
        run.sampler.start(Float32Array.from(start, (z) => sign * z));
        for (const step of run.plan.steps) await run.sampler.step(step);
      }
      const wanted = entry.trajectory.at(-1)!;
      assertClose(await backend.read(run.sampler.latents), [...wanted, ...wanted], 1e-4);
    }
    assert.equal(backend.liveTensors, 0);
  },
);
