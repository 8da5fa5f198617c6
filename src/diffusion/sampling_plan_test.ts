import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { pndm } from "./pndm.ts";
import { inferenceTimesteps, type SamplerConfig, samplingPlan } from "./sampling_plan.ts";
import { NO_CLIP } from "./transfer.ts";

const ALPHAS = Float32Array.from({ length: 100 }, (_, t) => 0.99 - t / 110);
const CONFIG: SamplerConfig = {
  timestep_spacing: "leading",
  steps_offset: 1,
  skip_prk_steps: false,
  clip_sample: false,
  clip_sample_range: 2,
};

Deno.test("the end is ᾱ = 1 for DDIM and ᾱ_0 for PNDM, unless the model says otherwise", () => {
  const end = (scheduler: "ddim" | "pndm", set_alpha_to_one?: boolean) =>
    samplingPlan(scheduler, ALPHAS, 5, { ...CONFIG, set_alpha_to_one }).finalAlphaCumprod;
  assert.deepEqual([end("ddim"), end("pndm")], [1, ALPHAS[0]]);
  assert.deepEqual([end("ddim", false), end("pndm", true)], [ALPHAS[0], 1]);
});

Deno.test("clean latents are bounded where the model says so, by DDIM only", () => {
  const clip = (scheduler: "ddim" | "pndm", clip_sample: boolean) =>
    samplingPlan(scheduler, ALPHAS, 5, { ...CONFIG, clip_sample }).clip;
  assert.deepEqual([clip("ddim", true), clip("ddim", false), clip("pndm", true)], [
    2,
    NO_CLIP,
    NO_CLIP,
  ]);
});

Deno.test("a plan's steps lead from the first timestep to the end without a gap", () => {
  for (const scheduler of ["ddim", "pndm"] as const) {
    for (const skip_prk_steps of [false, true]) {
      for (const count of [1, 2, 3, 4, 9]) {
        const { steps } = samplingPlan(scheduler, ALPHAS, count, { ...CONFIG, skip_prk_steps });
        const begins = steps.map(([{ timestep }]) => timestep);
        const ends = steps.map((evaluations) => evaluations.at(-1)!.target);
        assert.deepEqual([...begins, "end"], [begins[0], ...ends]);
        for (const { weights } of steps.flat()) {
          // A combination of equal estimates is that estimate.
          assert(Math.abs(weights.reduce((sum, weight) => sum + weight) - 1) < 1e-12);
        }
      }
    }
  }
});

Deno.test("PNDM begins with Runge–Kutta steps, or with one of the improved Euler method", () => {
  const evaluations = (skipPrkSteps: boolean) =>
    pndm([801, 601, 401, 201, 1], { skipPrkSteps }).map((step) => step.length);
  assert.deepEqual(evaluations(false), [4, 4, 4, 1, 1]);
  assert.deepEqual(evaluations(true), [2, 1, 1, 1, 1]);
});

const timesteps = (spacing: string, steps: number, offset = 0) =>
  inferenceTimesteps(1000, steps, { timestep_spacing: spacing, steps_offset: offset });

Deno.test("timesteps are spread as Lin et al. 2024, table 2, have it", () => {
  // The table's example: T = 1000, 10 steps; it counts timesteps from 1.
  assert.deepEqual(timesteps("leading", 10), [900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
  assert.deepEqual(timesteps("trailing", 10), [999, 899, 799, 699, 599, 499, 399, 299, 199, 99]);
  assert.deepEqual(timesteps("linspace", 10), [999, 888, 777, 666, 555, 444, 333, 222, 111, 0]);
});

Deno.test("an offset moves the leading timesteps", () => {
  assert.deepEqual(timesteps("leading", 4, 1), [751, 501, 251, 1]);
  assert.deepEqual(timesteps("leading", 3, 1), [667, 334, 1]);
});

Deno.test("one step begins at the noisiest timestep there is", () => {
  assert.deepEqual(timesteps("trailing", 1), [999]);
  assert.deepEqual(timesteps("linspace", 1), [999]);
});

Deno.test("a schedule may have as many steps as timesteps, if they are all its own", () => {
  assert.equal(timesteps("leading", 1000).length, 1000);
  assert.equal(timesteps("leading", 999, 1)[0], 999);
  assert.throws(() => timesteps("leading", 1000, 1), refusal(/1000 steps.*timestep 1000.*999$/));
  assert.throws(() => timesteps("sideways", 10), refusal(/spacing "sideways": wanted leading/));
});
