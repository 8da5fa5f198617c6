import assert from "node:assert/strict";
import { failAt, testOnBackends, testOnDevices } from "../tests/backends.ts";
import { refusal } from "../tests/refusal.ts";
import { sharedModel } from "../tests/shared_model.ts";
import { createCpuBackend } from "./backend/cpu.ts";
import { generate, type GenerateOptions, type Layer } from "./generate.ts";
import { IMAGE_PARAMS, SETTINGS } from "./settings/table.ts";
import { loadModelOn } from "./models/load_model.ts";
import { openModel } from "./models/open_model.ts";

const FEW = { iterations: 2, size: 16 } as const;

/** Largest difference of two images or their masks, of 1. */
function difference(a: Layer, b: Layer): number {
  const colours = a.image.data.map((value, i) => Math.abs(value - b.image.data[i]));
  const alphas = a.alpha.map((value, i) => Math.abs(value - b.alpha[i]));
  return Math.max(colours.reduce((x, y) => Math.max(x, y)) / 255, Math.max(...alphas));
}

Deno.test("every parametrization, posterior and optimiser runs, with images of another size", async () => {
  const model = await sharedModel("cpu");
  const made = [];
  for (const imageParam of IMAGE_PARAMS) {
    for (const optimizer of SETTINGS.optimizer.schema.options) {
      const options = { ...FEW, size: 24, posterior: "sample", imageParam, optimizer } as const;
      const [result] = await generate(model, "a dog", options);
      assert.equal(result.prompt, "a dog");
      assert.deepEqual([result.image.width, result.image.height], [24, 24]);
      assert.equal(result.image.data.length, 3 * 24 * 24);
      assert.equal(result.alpha.length, 24 * 24);
      assert(result.alpha.every((a) => a >= 0 && a <= 1));
      assert.deepEqual([result.iterations, result.interrupted], [2, false]);
      assert.equal(result.settings.imageParam, imageParam);
      made.push(result.alpha.join() + result.image.data.join());
    }
  }
  assert.equal(new Set(made).size, made.length);
});

Deno.test("an image depends on seed and prompt, not on the prompts beside it", async () => {
  const model = await sharedModel("cpu");
  const make = async (prompts: string[], options: GenerateOptions = {}) =>
    await generate(model, prompts, { ...FEW, ...options, learningRate: 0.01 });
  const [dog] = await make(["a dog"]);
  assert.deepEqual((await make(["a dog"]))[0].image, dog.image);
  const [cat, beside] = await make(["a cat", "a dog"]);
  // Adam turns what another order of summing loses into steps of 0.01.
  assert(difference(beside, dog) < 0.03, `${difference(beside, dog)}`);
  assert(difference(cat, dog) > 0.03, `${difference(cat, dog)}`);
  assert(difference((await make(["a dog"], { seed: 1 }))[0], dog) > 0.03);
});

testOnDevices(["webgpu"], "cpu and webgpu agree on the image", async () => {
  const made = [];
  for (const device of ["cpu", "webgpu"] as const) {
    const model = await sharedModel(device);
    const [layer] = await generate(model, "a dog", { ...FEW, seed: 3, learningRate: 2e-4 });
    made.push(layer);
  }
  assert(difference(made[1], made[0]) < 0.01, `${difference(made[1], made[0])}`);
});

Deno.test("frames come at first, after every k iterations and at the end", async () => {
  const model = await sharedModel("cpu");
  const frames: { iteration: number; layers: readonly Layer[] }[] = [];
  const options = { ...FEW, iterations: 5, frameEvery: 2 } as const;
  const result = await generate(model, ["a dog", "a cat"], {
    ...options,
    onFrame: (frame) => void frames.push(frame),
  });
  assert.deepEqual(frames.map(({ iteration }) => iteration), [0, 2, 4, 5]);
  for (const { layers } of frames) assert.equal(layers.length, 2);
  const [start, second, , last] = frames.map(({ layers: [dog] }) => dog);
  const [dog] = result;
  assert.deepEqual([last.image, last.alpha], [dog.image, dog.alpha]);
  // A frame is what its number of iterations makes, and its values stay what they were.
  const [made] = await generate(model, ["a dog", "a cat"], { ...options, iterations: 2 });
  assert.deepEqual([second.image, second.alpha], [made.image, made.alpha]);
  assert.notDeepEqual(start.alpha, second.alpha);
  await assert.rejects(
    generate(model, "a dog", { ...FEW, frameEvery: 0 }),
    refusal(/Invalid frameEvery 0: wanted a whole number from 1/),
  );
  assert.equal(model.backend.liveTensors, 0);
});

Deno.test("whichever allocation fails, nothing is left behind", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  await using model = await loadModelOn(backend, await openModel("emoji"));
  const run = () => generate(model, "a dog", { ...FEW, iterations: 1, imageParam: "raster" });
  const allocations = failAt(backend, "tensor", 0);
  await run();
  const [count, sessions] = [allocations(), backend.liveSessions];
  assert(count > 10);
  assert.equal(backend.liveTensors, 0);
  for (let n = 1; n <= count; n++) {
    failAt(backend, "tensor", n);
    await assert.rejects(run(), { message: "No memory" });
    assert.equal(backend.liveTensors, 0, `allocation ${n} of ${count}`);
  }
  failAt(backend, "tensor", 0);
  // The networks' sessions are the optimisation's own.
  await generate(model, "a dog", { ...FEW, imageParam: "fourier" });
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [0, sessions]);
  failAt(backend, "tensor", count);
  await assert.rejects(generate(model, "a dog", { ...FEW, imageParam: "fourier" }));
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [0, sessions]);
});

testOnBackends("nothing is left behind", async (backend) => {
  await using model = await loadModelOn(backend, await openModel("emoji"));
  const once = () => generate(model, "a dog", { ...FEW, iterations: 1 });
  await once();
  const { liveTensors, liveSessions } = backend;
  await once();
  assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
});

Deno.test("an aborted call gives the image so far; aborted at once, it rejects", async () => {
  const model = await sharedModel("cpu");
  const stopping = new AbortController();
  const [result] = await generate(model, "a dog", {
    ...FEW,
    iterations: 1000,
    signal: stopping.signal,
    onProgress: ({ iteration, iterations }) => {
      assert.equal(iterations, 1000);
      if (iteration >= 2) stopping.abort();
    },
  });
  assert(result.interrupted);
  assert(result.iterations >= 2 && result.iterations < 1000);
  const { signal } = stopping;
  await assert.rejects(generate(model, "a dog", { signal }), { name: "AbortError" });
  assert.equal(model.backend.liveTensors, 0);
});

Deno.test("an image that diverges is told as such", async () => {
  const model = await sharedModel("cpu");
  const options = { ...FEW, iterations: 3, optimizer: "sgd" } as const;
  const [diverged] = await generate(model, "a dog", { ...options, learningRate: 1e300 });
  assert.equal(diverged.verdict, "not-finite");
  const [unmoved] = await generate(model, "a dog", { ...options, learningRate: 1e-12 });
  assert.equal(unmoved.verdict, "unmoved");
  assert.equal(model.backend.liveTensors, 0);
});

Deno.test("generate refuses what it cannot use, in one line", async () => {
  const model = await sharedModel("cpu");
  const refused = (prompts: string[], options: object, message: RegExp) =>
    assert.rejects(generate(model, prompts, options), refusal(message));
  await refused([], {}, /No prompt/);
  await refused(["a dog", " "], {}, /Prompt 2 is empty/);
  await refused(["a dog"], { size: 7 }, /Invalid size 7: wanted a whole number from 16/);
  await refused(["a dog"], { imageParam: "vector" }, /Invalid imageParam "vector"/);
  await refused(["a dog"], { size: 400 }, /2 × 400×400 pixels need more than the 4 GB/);
  assert.equal(model.backend.liveTensors, 0);
});
