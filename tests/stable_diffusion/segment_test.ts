import assert from "node:assert/strict";
import type { DiffusionModel } from "../../src/diffusion/model.ts";
import { segment } from "../../src/segment.ts";
import { relativeError } from "../autodiff/runner.ts";
import { seededUniform } from "./seeded_weight.ts";
import { type StandInsOptions, withStandIns } from "./with_stand_ins.ts";

/** Coloured noise. */
const IMAGE = {
  width: 512,
  height: 512,
  data: Uint8Array.from(seededUniform("image", 3 * 512 ** 2), (u) => 256 * u),
};

/** The change that one iteration makes to a mask that is ½ everywhere. */
async function firstStep(model: DiffusionModel): Promise<Float32Array> {
  const [{ alpha }] = await segment(model, IMAGE, "a dog", {
    variant: "raster",
    init: "constant",
    alphaSize: 256,
    iterations: 1,
    guidanceScale: 7.5,
    lambda: 0,
    optimizer: "sgd",
    learningRate: 1,
  });
  return alpha.map((value) => value - 0.5);
}

/**
 * Largest relative difference between steps. Guidance multiplies what a U-Net loses to rounding, and a
 * GPU computes that of fp16 in float16.
 */
const TOLERANCE = { diffusers: 1e-3, optimum: 1e-3, fp16: 1e-1 };

/** Checks that every stand-in takes the step of the first. */
async function checkSteps(t: Deno.TestContext, options: StandInsOptions) {
  const { sampleSize = 64 } = options;
  let wanted: Float32Array | undefined;
  await withStandIns(t, options, async (model, layout) => {
    assert.deepEqual(model.latentShape, [4, sampleSize, sampleSize]);
    assert.equal(model.imageSize, 8 * sampleSize);
    const step = await firstStep(model);
    wanted ??= step;
    assert.ok(wanted.some((change) => Math.abs(change) > 1e-4), "the mask stayed as it was");
    const error = relativeError(step, wanted);
    assert.ok(error < TOLERANCE[layout], `relative error ${error}`);
  });
}

Deno.test("segment() takes the same step with every layout of Stable Diffusion", async (t) => {
  await checkSteps(t, { sampleSize: 8 });
});

Deno.test("segment() does so on images of Stable Diffusion's own size", async (t) => {
  // WebGPU in software would take minutes.
  await checkSteps(t, { devices: ["cpu"] });
});
