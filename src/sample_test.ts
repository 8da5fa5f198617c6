import assert from "node:assert/strict";
import { failAt, testOnDevices } from "../tests/backends.ts";
import { refusal } from "../tests/refusal.ts";
import { sharedModel } from "../tests/shared_model.ts";
import { createCpuBackend } from "./backend/cpu.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import type { Image } from "./image/image.ts";
import { loadModelOn } from "./models/load_model.ts";
import { type ModelFiles, openModel } from "./models/open_model.ts";
import { OpBuilder } from "./onnx/op_builder.ts";
import { graphOf, type OnnxModel, writeModel } from "./onnx/model.ts";
import { sample, type SampleOptions } from "./sample.ts";

const FEW = { steps: 3 } as const;

/** Mean of green in the middle of an image, 0..255. */
function greenness({ width, height, data }: Image): number {
  const middle = data.filter((_, i) => {
    const x = Math.floor(i / 3) % width, y = Math.floor(i / 3 / width);
    return i % 3 === 1 && Math.abs(x - width / 2) < width / 8 &&
      Math.abs(y - height / 2) < height / 8;
  });
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Largest difference of two images, of 255. */
function difference(a: Image, b: Image): number {
  return a.data.reduce((max, value, i) => Math.max(max, Math.abs(value - b.data[i])), 0);
}

Deno.test("images show what was asked for, with either scheduler", async () => {
  const model = await sharedModel("cpu");
  const settings = [
    { scheduler: "ddim", steps: 12 },
    // Extrapolating from estimates of strong guidance would take more steps.
    { scheduler: "pndm", steps: 16, guidanceScale: 2 },
  ] as const;
  for (const options of settings) {
    const samples = await sample(model, ["a frog", "a strawberry"], options);
    const [frog, strawberry] = samples.map(({ image }) => greenness(image));
    assert(frog > 150, `${options.scheduler}: a frog is green, not ${frog}`);
    assert(
      strawberry < 110,
      `${options.scheduler}: a strawberry is red, its green is ${strawberry}`,
    );
  }
});

Deno.test("an image depends on seed, prompt and number, not on what else is asked for", async () => {
  const model = await sharedModel("cpu");
  const first = async (prompt: string, options: SampleOptions) => {
    const [{ image }] = await sample(model, prompt, { ...FEW, ...options });
    return image;
  };
  const dog = await first("a dog", {});
  assert.deepEqual(await first("a dog", {}), dog);
  assert(difference(await first("a cat", {}), dog) > 20);
  assert(difference(await first("a dog", { seed: 1 }), dog) > 20);

  const several = await sample(model, ["a cat", "a dog"], { ...FEW, count: 2 });
  const labels = several.map(({ prompt, index }) => `${prompt} ${index}`);
  assert.deepEqual(labels, ["a cat 0", "a cat 1", "a dog 0", "a dog 1"]);
  // Batches of another size may be summed in another order, nothing more.
  assert(difference(several[2].image, dog) <= 1);
  assert(difference(several[3].image, dog) > 20);
});

Deno.test("guidance leads to the prompt and away from the negative one", async () => {
  const model = await sharedModel("cpu");
  const images = async (options: SampleOptions) => {
    const samples = await sample(model, ["a dog", "a cat"], { ...FEW, ...options });
    return samples.map(({ image }) => image);
  };
  // Without guidance the prompt has no say.
  const [dog, cat] = await images({ guidanceScale: 0 });
  assert(difference(dog, cat) <= 1);
  // Guidance away from the prompt itself leads nowhere: ε_u + g(ε_c − ε_u) = ε_c.
  const plain = await images({ guidanceScale: 1 });
  const itself = await images({ guidanceScale: 9, negativePrompt: "a dog" });
  assert(difference(itself[0], plain[0]) <= 1);
  assert(difference(itself[1], plain[1]) > 20);
});

testOnDevices(["webgpu"], "cpu and webgpu agree on the image", async () => {
  const images = [];
  for (const device of ["cpu", "webgpu"] as const) {
    const model = await sharedModel(device);
    const [{ image }] = await sample(model, "a dog", { steps: 8, seed: 3 });
    images.push(image);
  }
  const worst = difference(images[1], images[0]);
  assert(worst <= 2, `differs by ${worst} of 255`);
});

Deno.test("whichever allocation fails, nothing is left behind", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  await using model = await loadModelOn(backend, await openModel("emoji"));
  const run = () => sample(model, "a dog", { steps: 1 });
  const allocations = failAt(backend, "tensor", 0);
  await run();
  const [count, sessions] = [allocations(), backend.liveSessions];
  assert(count > 10);
  assert.deepEqual([backend.liveTensors, sessions], [0, 2]);
  for (let n = 1; n <= count; n++) {
    failAt(backend, "tensor", n);
    await assert.rejects(run(), { message: "No memory" });
    assert.equal(backend.liveTensors, 0, `allocation ${n} of ${count}`);
  }
  assert.equal(backend.liveSessions, sessions);
});

Deno.test("an aborted call gives the images finished; before the first, it rejects", async () => {
  const model = await sharedModel("cpu");
  const abortAt = async (step: number) => {
    const stopping = new AbortController();
    return await sample(model, ["a dog", "a cat"], {
      steps: 2,
      count: 3,
      signal: stopping.signal,
      // A slow clock: each step is waited for.
      clock: slowClock(),
      onProgress: ({ iteration, iterations }) => {
        assert.equal(iterations, 6);
        if (iteration === step) stopping.abort();
      },
    });
  };
  const three = await abortAt(3);
  assert.deepEqual(three.map(({ index, interrupted }) => [index, interrupted]), [
    [0, true],
    [0, true],
  ]);
  assert.equal((await abortAt(6)).length, 6);
  assert.equal((await abortAt(6))[0].interrupted, false);
  await assert.rejects(abortAt(1), { name: "AbortError" });
});

/** A second passes whenever somebody looks. */
function slowClock() {
  let now = 0;
  return () => now += 1000;
}

/** The embedded model with a U-Net of one's own: z ↦ z / 2, with height and width free. */
async function withFreeUnet(): Promise<ModelFiles> {
  const files = await openModel("emoji");
  const g = new OpBuilder({ opset: 17 });
  const inputs = [
    g.addInput({ name: "sample", dtype: "float32", shape: [2, 4, 16, 16] }),
    g.addInput({ name: "timestep", dtype: "int64", shape: [1] }),
    g.addInput({ name: "states", dtype: "float32", shape: [2, 24, 128] }),
  ];
  const half = g.mul(inputs[0], g.scalar(0.5, inputs[0]));
  const model = g.build([g.rename(half, "out_sample")], inputs);
  const { input: [{ type: taken }], output: [{ type: given }] } = graphOf(model);
  for (const type of [taken, given]) {
    assert(type?.value.case === "tensorType");
    const [, , height, width] = type.value.value.shape!.dim;
    height.value = { case: "dimParam", value: "height" };
    width.value = { case: "dimParam", value: "width" };
  }
  return withGraph({ ...files, sampleSize: 16 }, "unet", model);
}

function withGraph(files: ModelFiles, replaced: string, model: OnnxModel): ModelFiles {
  const graph: ModelFiles["graph"] = async (name) =>
    name === replaced
      ? { path: name, bytes: writeModel(model), model, externalData: [] }
      : await files.graph(name);
  return { ...files, graph };
}

Deno.test("a U-Net with free height and width makes images of other sizes", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  await using model = await loadModelOn(backend, await withFreeUnet());
  for (const size of [64, 96]) {
    const [{ image }] = await sample(model, "a dog", { ...FEW, size });
    assert.deepEqual([image.width, image.height], [size, size]);
    assert.equal(image.data.length, 3 * size * size);
  }
});

Deno.test("an image that is not a number is told as such", async () => {
  const backend = await createCpuBackend({ threads: 1 });
  await using model: DiffusionModel = await loadModelOn(backend, await withFreeUnet());
  model.noiseSchedule.alphasCumprod.fill(NaN);
  await assert.rejects(sample(model, "a dog", FEW), refusal(/image diverged/));
  assert.equal(backend.liveTensors, 0);
});

Deno.test("sample refuses what it cannot use, in one line", async () => {
  const model = await sharedModel("cpu");
  const refused = (prompts: string[], options: object, message: RegExp) =>
    assert.rejects(sample(model, prompts, options), refusal(message));
  await refused([], {}, /No prompt/);
  await refused(["a dog", " "], {}, /Prompt 2 is empty/);
  await refused(["a dog"], { steps: 0 }, /Invalid steps 0: wanted a whole number from 1/);
  await refused(["a dog"], { steps: 1000 }, /1000 steps/);
  await refused(["a dog"], { size: 128 }, /latents of 16×16 only.*32×32/);
  await refused(["a dog"], { size: 72 }, /multiple of 32/);
  await refused(
    ["a dog"],
    { scheduler: "euler" },
    /Invalid scheduler "euler": wanted ddim or pndm/,
  );
  assert.equal(model.backend.liveTensors, 0);
});
