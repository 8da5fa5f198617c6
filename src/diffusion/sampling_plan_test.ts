import assert from "node:assert/strict";
import { type SamplerConfig, samplingPlan } from "./sampling_plan.ts";
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
