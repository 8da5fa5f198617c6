import assert from "node:assert/strict";
import { testOnBackends, testOnDevices } from "../tests/backends.ts";
import { bareModel } from "../tests/bare_model.ts";
import { fixturePath } from "../tests/fixture_path.ts";
import { refusal } from "../tests/refusal.ts";
import { sharedModel } from "../tests/shared_model.ts";
import { withBatch } from "../tests/with_batch.ts";
import { ClipLoss } from "./clip/clip_loss.ts";
import { embedClipTexts } from "./clip/embed_texts.ts";
import { createCpuBackend } from "./backend/cpu.ts";
import { prepareNetworks } from "./diffusion/prepare_networks.ts";
import type { Progress } from "./iterate.ts";
import { seededDraws } from "./diffusion/draws.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { iou } from "./evaluate/metrics.ts";
import { decodeImage } from "./image/decode.ts";
import { fromSquare } from "./image/geometry.ts";
import { toSquare } from "./image/geometry.ts";
import type { Image } from "./image/image.ts";
import { thresholdMask } from "./mask/threshold.ts";
import { loadingParts, loadModel, loadModelOn } from "./models/load_model.ts";
import { openClipModel } from "./models/open_clip.ts";
import { openModel } from "./models/open_model.ts";
import { readModel, writeModel } from "./onnx/model.ts";
import { segment, type SegmentFrame, type SegmentOptions } from "./segment.ts";
import { resolveSettings } from "./settings/settings.ts";
import { SETTINGS, VARIANTS } from "./settings/table.ts";
import { createStages } from "./stages.ts";
import { step } from "./step.ts";

const example = async (name: string): Promise<Image> => {
  const bytes = await Deno.readFile(new URL(`../examples/${name}`, import.meta.url));
  return await decodeImage(bytes, name);
};
const image = await example("dog-left-cat-right.png");

Deno.test("segment finds each of two objects where it is", async () => {
  const model = await sharedModel("cpu");
  const sea = await example("sailboat-left-balloon-right.png");
  const [sailboat, balloon] = await segment(model, sea, ["a sailboat", "a balloon"]);
  const shares = (alpha: Float32Array) => {
    const mask = thresholdMask(alpha, 0.5);
    const left = mask.filter((value, i) => value > 0 && i % sea.width < sea.width / 2).length;
    return left / mask.filter((value) => value > 0).length;
  };
  assert(shares(sailboat.alpha) > 0.95, `the boat is on the left: ${shares(sailboat.alpha)}`);
  assert(shares(balloon.alpha) < 0.05, `the balloon is on the right: ${shares(balloon.alpha)}`);
});

Deno.test("a prompt's mask does not depend on the prompts beside it", async () => {
  const model = await sharedModel("cpu");
  const few = { iterations: 10 };
  const [alone] = await segment(model, image, "a cat", few);
  const [, , beside] = await segment(model, image, ["a dog", "a tree", "a cat"], few);
  // Batches of another size may be summed in another order, nothing more.
  const worst = alone.alpha.reduce((max, a, i) => Math.max(max, Math.abs(a - beside.alpha[i])), 0);
  assert(worst < 1e-3, `differs by ${worst}`);
});

Deno.test("a prompt's network does not depend on the prompts beside it either", async () => {
  const model = await sharedModel("cpu");
  const few = { variant: "fourier", iterations: 3, alphaSize: 32 } as const;
  const [alone] = await segment(model, image, "a cat", few);
  const [dog, beside] = await segment(model, image, ["a dog", "a cat"], few);
  const worst = (a: Float32Array, b: Float32Array) =>
    a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
  // Adam turns what another order of summing loses into steps of 0.001.
  assert(worst(alone.alpha, beside.alpha) < 5e-3, `${worst(alone.alpha, beside.alpha)}`);
  assert(worst(dog.alpha, beside.alpha) > 5e-3, `${worst(dog.alpha, beside.alpha)}`);
});

Deno.test("a label may be the mean of several prompts", async () => {
  const model = await sharedModel("cpu");
  const few = { iterations: 2 };
  const [mean, cat] = await segment(model, image, [["a dog", "a cat"], "a cat"], few);
  assert.deepEqual([mean.prompt, mean.prompts], ["a dog + a cat", ["a dog", "a cat"]]);
  assert.deepEqual([cat.prompt, cat.prompts], ["a cat", ["a cat"]]);
  const [same, other] = await segment(model, image, [["a cat", "a cat"], "a dog"], few);
  assert.deepEqual(same.alpha, cat.alpha);
  assert.notDeepEqual(mean.alpha, cat.alpha);
  assert.notDeepEqual(mean.alpha, other.alpha);
});

Deno.test("exclusive prompts overlap less", async () => {
  const model = await sharedModel("cpu");
  const overlap = async (exclusive: boolean) => {
    const settings = { exclusive, iterations: 5 };
    const [dog, cat] = await segment(model, image, ["a dog", "a cat"], settings);
    assert.equal(dog.settings.exclusive, exclusive);
    return dog.alpha.reduce((total, a, i) => total + a * cat.alpha[i], 0);
  };
  const [free, exclusive] = [await overlap(false), await overlap(true)];
  assert(exclusive < 0.95 * free, `${exclusive} and ${free}`);
  await assert.rejects(
    segment(model, image, "a dog", { exclusive: true }),
    refusal(/Cannot make 1 prompt exclusive/),
  );
});

testOnDevices(["webgpu"], "cpu and webgpu agree on the mask", async () => {
  const masks = [];
  for (const device of ["cpu", "webgpu"] as const) {
    const [{ alpha }] = await segment(await sharedModel(device), image, "a dog", {
      seed: 3,
      iterations: 10,
    });
    masks.push(thresholdMask(alpha, 0.5));
  }
  const agreement = iou(masks[0], masks[1]);
  assert(agreement >= 0.98, `IoU ${agreement}`);
});

Deno.test("every variant, posterior and optimiser runs, with a mask of another size", async () => {
  const model = await sharedModel("cpu");
  const settings = { iterations: 2, alphaSize: 72, posterior: "sample", square: "pad" } as const;
  const { width, height } = image;
  const ramp = Float32Array.from({ length: width * height }, (_, i) => i % width);
  const alphas = [];
  for (const variant of VARIANTS) {
    const depth = variant === "depth-bilateral" ? { width, height, depth: ramp } : undefined;
    for (const optimizer of SETTINGS.optimizer.schema.options) {
      const options = { ...settings, variant, optimizer, depth };
      const [result] = await segment(model, image, "a dog", options);
      assert.equal(result.alpha.length, image.width * image.height);
      assert(result.alpha.every((a) => a >= 0 && a <= 1));
      assert.equal(result.settings.variant, variant);
      alphas.push(result.alpha.join());
    }
  }
  assert.equal(new Set(alphas).size, alphas.length);
});

Deno.test("depth bilateral keeps apart what is near and far, and needs to be told", async () => {
  const model = await sharedModel("cpu");
  const flat = { width: 16, height: 16, channels: 3 as const, data: new Uint8Array(768).fill(90) };
  const depth = Float32Array.from({ length: 256 }, (_, i) => i % 16 < 8 ? 3 : 7);
  const still = { iterations: 1, learningRate: 1e-12, alphaSize: 16 } as const;
  const jumps = async (options: SegmentOptions) => {
    const [{ alpha }] = await segment(model, flat, "a dog", { ...still, ...options });
    const across = (x: number) =>
      Math.hypot(
        ...Array.from({ length: 16 }, (_, y) => alpha[16 * y + x] - alpha[16 * y + x - 1]),
      );
    return [across(4), across(8)];
  };
  const map = { ...flat, depth };
  const [within, between] = await jumps({ variant: "depth-bilateral", depth: map });
  const [, smooth] = await jumps({ variant: "rgb-bilateral" });
  assert(between > 3 * within && between > 3 * smooth, `${between}, ${within}, ${smooth}`);

  const refused = (options: SegmentOptions, message: RegExp) =>
    assert.rejects(segment(model, flat, "a dog", { ...still, ...options }), refusal(message));
  await refused({ variant: "raster", depth: map }, /Invalid depth for raster: it does not look/);
  const wide = { ...map, width: 32 };
  await refused({ variant: "depth-bilateral", depth: wide }, /32×16 pixels: wanted the image's/);
});

testOnBackends(
  "CLIP judges without the diffusion model's networks, for as many labels as are given",
  async (backend) => {
    await using model = await loadModelOn(backend, await openModel("emoji"), { loss: "clip" });
    const clip = await openClipModel(fixturePath("companions/clip"));
    const few = { loss: "clip", clip, iterations: 3, alphaSize: 32 } as const;
    const names: string[] = [];
    const { load } = backend;
    backend.load = async (bytes, options) => {
      const session = await load.call(backend, bytes, options);
      names.push(...session.inputs.map(({ name }) => name));
      return session;
    };
    const [mean, cat] = await segment(model, image, [["a dog", "a cat"], "a cat"], few);
    assert(names.includes("composite"), names.join());
    for (
      const other of ["sample", "encoder_hidden_states", "latents_cotangent", "posterior_noise"]
    ) {
      assert(!names.includes(other), other);
    }
    assert.equal(cat.settings.loss, "clip");
    assert.notDeepEqual(mean.alpha, cat.alpha);
    const [alone] = await segment(model, image, "a cat", few);
    const worst = alone.alpha.reduce((max, a, i) => Math.max(max, Math.abs(a - cat.alpha[i])), 0);
    // Adam turns what another order of summing loses into steps of 0.1, where nearly nothing pulls.
    assert(worst < 0.05, `differs by ${worst}`);

    const { liveTensors, liveSessions } = backend;
    await segment(model, image, "a dog", few);
    assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
    assert.equal(liveTensors, 0);

    const refused = (options: SegmentOptions, message: RegExp) =>
      assert.rejects(segment(model, image, "a dog", options), refusal(message));
    await refused({ clip }, /Invalid clip for the loss sds/);
  },
);

Deno.test("depth and CLIP are asked for where the model has none of its own", async () => {
  await using folder = await bareModel();
  await using model = await loadModel(folder.path, { device: "cpu" });
  const refused = (options: SegmentOptions, message: RegExp) =>
    assert.rejects(segment(model, image, "a dog", options), refusal(message));
  await refused({ variant: "depth-bilateral" }, /has no depth network of its own/);
  await refused({ loss: "clip" }, /has no CLIP of its own/);
});

Deno.test("CLIP's logit grows as a mask is optimised", async () => {
  const model = await sharedModel("cpu");
  const clip = await openClipModel(fixturePath("companions/clip"));
  const embeddings = await embedClipTexts(model, clip, ["a dog"]);
  const settings = resolveSettings(
    model.defaults,
    { loss: "clip", variant: "raster", lambda: 0, alphaSize: 32 },
    1000,
  );
  const pixels = toSquare(image, 32, "scale");
  using stages = await createStages(model, { pixels, embeddings, clip, settings });
  assert(stages.loss instanceof ClipLoss);
  // Always on the same grey, so that nothing but the mask changes.
  const draws = {
    ...seededDraws(model.backend, settings),
    background: () => [0.5, 0.5, 0.5] as const,
  };
  const logits = [];
  for (let i = 0; i < 12; i++) {
    await step(stages, draws, i);
    logits.push((await model.backend.read(stages.loss.logits))[0]);
  }
  assert(logits.at(-1)! > logits[0] + 0.2, logits.join());
  assert(logits.every((logit) => Math.abs(logit) <= clip.logitScale));
});

Deno.test("a mask starts from what init says, and goes on from another call's result", async () => {
  const model = await sharedModel("cpu");
  // So small a step leaves α where it started.
  const still = { variant: "raster", iterations: 1, learningRate: 1e-12, alphaSize: 64 } as const;
  const start = async (options: SegmentOptions) => {
    const [result] = await segment(model, image, "a dog", { ...still, ...options });
    return result;
  };
  const alphas = [];
  for (const init of ["noise", "blurred-noise", "constant"] as const) {
    const { alpha, settings } = await start({ init });
    assert.equal(settings.init, init);
    alphas.push(alpha);
  }
  const [noise, blurred, constant] = alphas;
  assert(constant.every((a) => Math.abs(a - 0.5) < 1e-6));
  assert.notDeepEqual(noise, blurred);

  const again = await start({ initialMask: { ...image, alpha: blurred } });
  assert.equal(again.settings.init, "image");
  const worst = again.alpha.reduce((max, a, i) => Math.max(max, Math.abs(a - blurred[i])), 0);
  // The mask went through the image's size and back.
  assert(worst < 0.06, `differs by ${worst}`);
});

Deno.test("frames come at first, after every k iterations and at the end", async () => {
  const model = await sharedModel("cpu");
  const frames: SegmentFrame[] = [];
  const few = { iterations: 3, alphaSize: 16, square: "crop", frameEvery: 2 } as const;
  const [dog, cat] = await segment(model, image, ["a dog", "a cat"], {
    ...few,
    onFrame: (frame) => void frames.push(frame),
  });
  assert.deepEqual(frames.map(({ iteration }) => iteration), [0, 2, 3]);
  const inImage = (frame: SegmentFrame, k: number) =>
    fromSquare(frame.alphas[k], frame.alphaSize, image, few.square);
  assert.deepEqual(inImage(frames[2], 0), dog.alpha);
  assert.deepEqual(inImage(frames[2], 1), cat.alpha);
  // A frame is what its number of iterations makes, and its values stay what they were.
  const [second] = await segment(model, image, ["a dog", "a cat"], { ...few, iterations: 2 });
  assert.deepEqual(inImage(frames[1], 0), second.alpha);
  assert.notDeepEqual(frames[0].alphas, frames[1].alphas);
});

testOnDevices(["cpu", "webgpu"], "fifty calls leave no tensor behind", async (device) => {
  const model = await sharedModel(device);
  const { backend } = model;
  const once = () => segment(model, image, "a dog", { iterations: 1, alphaSize: 32 });
  await once();
  const { liveTensors, liveSessions } = backend;
  // Software Vulkan takes a second for what the CPU does in a tenth of it.
  const calls = backend.device === "cpu" ? 50 : 5;
  for (let call = 0; call < calls; call++) await once();
  assert.equal(backend.liveTensors, liveTensors);
  assert.equal(backend.liveSessions, liveSessions);
});

Deno.test("a mask that diverges is returned with the verdict, and leaves no tensor behind", async () => {
  const model = await sharedModel("cpu");
  await segment(model, image, "a dog", { iterations: 1 });
  const { liveTensors } = model.backend;
  const [result] = await segment(model, image, "a dog", { iterations: 3, learningRate: 1e300 });
  assert.equal(result.verdict, "not-finite");
  assert.equal(model.backend.liveTensors, liveTensors);
});

Deno.test("a failed call leaves no tensor behind either", async () => {
  const model = await sharedModel("cpu");
  await segment(model, image, "a dog", { iterations: 1 });
  const { liveTensors } = model.backend;
  const onFrame = () => Promise.reject(new Error("the disk is full"));
  await assert.rejects(segment(model, image, "a dog", { iterations: 3, onFrame }), /disk is full/);
  assert.equal(model.backend.liveTensors, liveTensors);
});

Deno.test("a run that goes nowhere says so after a tenth of its iterations and at its end", async () => {
  const model = await sharedModel("cpu");
  const warned = async (settings: SegmentOptions) => {
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const options = { iterations: 10, onWarning, ...settings };
    const [{ verdict }] = await segment(model, image, "a dog", options);
    return { verdict, warnings };
  };
  const unmoved = await warned({ learningRate: 1e-9 });
  assert.equal(unmoved.verdict, "unmoved");
  assert.equal(unmoved.warnings.length, 1);
  assert.match(
    unmoved.warnings[0],
    /^After 1 of 10 iterations, the mask of "a dog" has changed by/,
  );

  assert.equal((await warned({ lambda: 1e4 })).verdict, "constant");
  assert.equal((await warned({ iterations: 2, threshold: 0.001 })).verdict, "full");
  assert.equal((await warned({ iterations: 2, threshold: 0.999 })).verdict, "empty");

  const fine = await warned({ iterations: 20 });
  assert.deepEqual(fine, { verdict: "ok", warnings: [] });
});

Deno.test("an aborted call gives the mask so far; aborted at once, it rejects", async () => {
  const model = await sharedModel("cpu");
  const stopping = new AbortController();
  const seen: number[] = [];
  const [result] = await segment(model, image, "a dog", {
    iterations: 1000,
    signal: stopping.signal,
    onProgress: ({ iteration, iterations }) => {
      assert.equal(iterations, 1000);
      seen.push(iteration);
      if (iteration >= 2) stopping.abort();
    },
  });
  assert(result.interrupted);
  assert.equal(result.iterations, seen.at(-1));
  assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
  assert(result.iterations < 1000);
  const { signal } = stopping;
  await assert.rejects(segment(model, image, "a dog", { signal }), { name: "AbortError" });
});

Deno.test("a prompt of which nothing is left is refused; one warning names unknown words", async () => {
  const model = await sharedModel("cpu");
  for (const labels of ["猫", ["a dog", "😀"], [["a dog", "قطة"]]]) {
    await assert.rejects(segment(model, image, labels), refusal(/^Cannot read prompt "/));
  }
  const warnings: string[] = [];
  await segment(model, image, ["a xyzzy", ["a dog", "an xyzzy"]], {
    iterations: 1,
    onWarning: (message) => void warnings.push(message),
  });
  assert.deepEqual(warnings, ['The model does not know the word "xyzzy"']);
});

Deno.test("prompts that do not fit at once run one after another, with the same masks", async () => {
  const model = await sharedModel("cpu");
  const { backend } = model;
  const labels = ["a dog", ["a cat", "a tiger"], "a guitar"];
  const frames: SegmentFrame[] = [];
  const once = async (options: SegmentOptions = {}) => {
    frames.length = 0;
    const onFrame = (frame: SegmentFrame) => void frames.push(frame);
    return await segment(model, image, labels, {
      iterations: 3,
      frameEvery: 2,
      onFrame,
      ...options,
    });
  };
  const together = await once();
  const framesTogether = [...frames];

  // Room for one prompt, not for three.
  const parts = await loadingParts(backend, await openModel("emoji"));
  const { posterior } = together[0].settings;
  const prepared = Object.values(await prepareNetworks(parts, 1, posterior));
  const weights = prepared.reduce((sum, { memory }) => sum + memory.weights, 0);
  const total = weights + Math.max(...prepared.map(({ memory }) => memory.activations));
  const small: DiffusionModel = await loadModelOn(
    Object.defineProperty(await createCpuBackend(), "limits", {
      value: { ...backend.limits, total },
    }),
    await openModel("emoji"),
  );
  await using limited = small;
  const warnings: string[] = [];
  const progress: Progress[] = [];
  frames.length = 0;
  const apart = await segment(limited, image, labels, {
    iterations: 3,
    frameEvery: 2,
    onFrame: (frame) => void frames.push(frame),
    onWarning: (message) => void warnings.push(message),
    onProgress: (one) => void progress.push(one),
  });
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0],
    /^The 3 prompts run one after another, not at once\. Not enough memory/,
  );
  assert.deepEqual(apart.map(({ prompt }) => prompt), together.map(({ prompt }) => prompt));
  apart.forEach(({ alpha }, p) => assert.deepEqual(alpha, together[p].alpha));
  assert.deepEqual(frames, framesTogether);
  assert.deepEqual(progress.at(-1), { iteration: 9, iterations: 9 });
  await assert.rejects(
    segment(limited, image, ["a dog", "a cat", "a guitar"], { iterations: 1, exclusive: true }),
    refusal(/Not enough memory/),
  );
  assert.equal(limited.backend.liveTensors, 0);
});

Deno.test("a U-Net of fixed batch 2 takes one prompt at a time, with the same masks", async () => {
  await using folder = await bareModel();
  const few = { iterations: 2, alphaSize: 32 } as const;
  const labels = ["a dog", "a cat"];
  await using free = await loadModel(folder.path, { device: "cpu" });
  const together = await segment(free, image, labels, few);

  const path = `${folder.path}/unet/model.onnx`;
  const unet = readModel(await Deno.readFile(path));
  await Deno.writeFile(path, writeModel(withBatch(unet, 2)));
  await using model = await loadModel(folder.path, { device: "cpu" });
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const apart = await segment(model, image, labels, { ...few, onWarning });
  assert.match(
    warnings.join("\n"),
    /^The 2 prompts run one after another, not at once\. The U-Net takes a batch of 2, [^\n]*$/,
  );
  for (const [p, { prompt, alpha }] of apart.entries()) {
    assert.equal(prompt, labels[p]);
    // Batches of another size may be summed in another order, nothing more.
    const worst = alpha.reduce((max, a, i) => Math.max(max, Math.abs(a - together[p].alpha[i])), 0);
    assert(worst < 1e-3, `${prompt} differs by ${worst}`);
  }
  await assert.rejects(
    segment(model, image, labels, { ...few, exclusive: true }),
    refusal(/^The U-Net takes a batch of 2, 2 prompts at once need 4$/),
  );
});

testOnDevices(
  ["cpu", "webgpu"],
  "calls that overlap give what they give in turn",
  async (device) => {
    const model = await sharedModel(device);
    const alpha = async (prompt: string) => {
      const [result] = await segment(model, image, prompt, { iterations: 2 });
      return result.alpha;
    };
    const inTurn = [await alpha("a dog"), await alpha("a cat")];
    assert.deepEqual(await Promise.all([alpha("a dog"), alpha("a cat")]), inTurn);
  },
);

Deno.test("segment refuses what it cannot use, in one line", async () => {
  const model = await sharedModel("cpu");
  const refused = (prompts: string[], options: object, message: RegExp) =>
    assert.rejects(segment(model, image, prompts, options), refusal(message));
  await refused([], {}, /No prompt/);
  await refused(["a dog", " "], {}, /Prompt 2 is empty/);
  await refused(["a dog"], { alphaSize: 7 }, /Invalid alphaSize 7: wanted a whole number from 16/);
  await refused(["a dog"], { iterations: 0.5 }, /Invalid iterations 0.5/);
  await refused(["a dog"], { tMin: 900, tMax: 800 }, /Invalid timesteps 900 to 800/);
  await refused(["a dog"], { tMax: 1000 }, /Invalid timesteps/);
  await refused(["a dog"], { variant: "magic" }, /Invalid variant "magic"/);
  await refused(["a dog"], { init: "magic" }, /Invalid init "magic": wanted noise/);
  await refused(["a dog"], { init: "image" }, /no mask to start from/);
  await refused(["a dog"], { variant: "fourier", init: "constant" }, /"constant" for fourier/);
  const alpha = Float32Array.of(2);
  await refused(["a dog"], { initialMask: { width: 1, height: 1, alpha } }, /mask of 1×1/);
});
