import assert from "node:assert/strict";
import { testOnDevices } from "../tests/backends.ts";
import { refusal } from "../tests/refusal.ts";
import { sharedModel } from "../tests/shared_model.ts";
import type { DiffusionModel } from "./diffusion/model.ts";
import { grid, type GridFrame } from "./grid.ts";
import { loadModel } from "./models/load_model.ts";

const FEW = { iterations: 2, size: 16 } as const;
const PROMPTS = { foregrounds: ["a cat", "a car"], backgrounds: ["a tree", "a rocket", "a dog"] };

Deno.test("a grid has every foreground over every background, as their captions say", async () => {
  const model = await sharedModel("cpu");
  const made = await grid(model, PROMPTS, { ...FEW, template: "{background} on {foreground}" });
  assert.deepEqual(made.captions, [
    ...["a tree on a cat", "a rocket on a cat", "a dog on a cat"],
    ...["a tree on a car", "a rocket on a car", "a dog on a car"],
  ]);
  assert.equal(made.template, "{background} on {foreground}");
  assert.deepEqual([made.foregrounds.length, made.backgrounds.length], [2, 3]);
  made.cells.forEach(({ width, height, data }, cell) => {
    assert.deepEqual([width, height], [16, 16]);
    const { image, alpha } = made.foregrounds[Math.floor(cell / 3)];
    const background = made.backgrounds[cell % 3];
    for (let i = 0; i < data.length; i++) {
      const a = alpha[Math.floor(i / 3)];
      const wanted = a * image.data[i] + (1 - a) * background.data[i];
      assert(Math.abs(data[i] - wanted) <= 1, `cell ${cell}, ${i}: ${data[i]}, wanted ${wanted}`);
    }
  });
  const { settings, iterations, interrupted } = made;
  assert.deepEqual([settings.size, iterations, interrupted], [16, 2, false]);
  assert.equal(model.backend.liveTensors, 0);
});

Deno.test("captions are made in the model's own words, if it has any", async () => {
  await using model = await loadModel("emoji", { device: "cpu", threads: 1 });
  const prompts = { foregrounds: ["a cat"], backgrounds: ["a tree"] };
  const captionsOf = async (template: string | undefined) => {
    const defaults = { ...model.defaults, template };
    Object.defineProperty(model, "defaults", { value: defaults, configurable: true });
    return (await grid(model, prompts, { ...FEW, iterations: 1 })).captions;
  };
  assert.deepEqual(await captionsOf("{background} and {foreground}"), ["a tree and a cat"]);
  assert.deepEqual(await captionsOf(undefined), ["a cat by a tree"]);
});

Deno.test("rows and columns differ by their captions only", async () => {
  const model = await sharedModel("cpu");
  const options = { ...FEW, learningRate: 0.05 };
  const alike = { foregrounds: ["a cat", "a cat"], backgrounds: ["a tree", "a tree"] };
  const same = await grid(model, alike, options);
  assert.deepEqual(same.backgrounds[0], same.backgrounds[1]);
  assert.deepEqual(same.foregrounds[0], same.foregrounds[1]);
  const made = await grid(model, { ...alike, foregrounds: ["a cat", "a car"] }, options);
  assert.notDeepEqual(made.foregrounds[0].alpha, made.foregrounds[1].alpha);
  assert.notDeepEqual(made.foregrounds[0].image, made.foregrounds[1].image);
  assert.deepEqual(made.backgrounds[0], made.backgrounds[1]);
});

Deno.test("a mask is penalised once a cell", async () => {
  const model = await sharedModel("cpu");
  // So large a λ that nothing else moves the mask, and so small a step that it moves little.
  const settings = { imageParam: "raster", optimizer: "sgd", lambda: 1e6 } as const;
  const shrinkage = async (backgrounds: string[]) => {
    const areas: number[] = [];
    await grid(model, { foregrounds: ["a cat"], backgrounds }, {
      ...FEW,
      ...settings,
      iterations: 1,
      learningRate: 1e-8,
      onFrame: ({ foregrounds: [{ alpha }] }) =>
        void areas.push(alpha.reduce((total, a) => total + a)),
    });
    return areas[0] - areas[1];
  };
  const ratio = await shrinkage(["a tree", "a dog"]) / await shrinkage(["a tree"]);
  assert(Math.abs(ratio - 2) < 0.02, `${ratio}`);
});

const SMALL = { foregrounds: ["a cat"], backgrounds: ["a tree", "a dog"] };

/** All cells' bytes. */
async function cellBytes(model: DiffusionModel): Promise<number[]> {
  const { cells } = await grid(model, SMALL, { ...FEW, learningRate: 2e-4 });
  return cells.flatMap(({ data }) => [...data]);
}

testOnDevices(
  ["cpu", "webgpu"],
  "a second grid leaves nothing behind, and is the first again",
  async (device) => {
    const model = await sharedModel(device);
    const { backend } = model;
    const first = await cellBytes(model);
    const { liveTensors, liveSessions } = backend;
    assert.deepEqual(await cellBytes(model), first);
    assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
  },
);

testOnDevices(["webgpu"], "cpu and webgpu agree on the grid", async () => {
  const grids: number[][] = [];
  for (const device of ["cpu", "webgpu"] as const) {
    const model = await sharedModel(device);
    grids.push(await cellBytes(model));
  }
  const worst = grids[0].reduce((max, value, i) => Math.max(max, Math.abs(value - grids[1][i])), 0);
  assert(worst <= 3, `differs by ${worst} of 255`);
});

Deno.test("frames come at first, after every k iterations and at the end", async () => {
  const model = await sharedModel("cpu");
  const frames: GridFrame[] = [];
  const made = await grid(model, { foregrounds: ["a cat"], backgrounds: ["a tree"] }, {
    ...FEW,
    iterations: 3,
    frameEvery: 2,
    onFrame: (frame) => void frames.push(frame),
  });
  assert.deepEqual(frames.map(({ iteration }) => iteration), [0, 2, 3]);
  const last = frames.at(-1)!;
  assert.deepEqual([last.cells, last.backgrounds], [made.cells, made.backgrounds]);
  assert.notDeepEqual(frames[0].cells, made.cells);
});

Deno.test("an aborted call gives the images so far; aborted at once, it rejects", async () => {
  const model = await sharedModel("cpu");
  const stopping = new AbortController();
  const prompts = { foregrounds: ["a cat"], backgrounds: ["a tree"] };
  const made = await grid(model, prompts, {
    ...FEW,
    iterations: 1000,
    signal: stopping.signal,
    onProgress: ({ iteration }) => iteration >= 2 && stopping.abort(),
  });
  assert(made.interrupted && made.iterations >= 2 && made.iterations < 1000);
  const { signal } = stopping;
  await assert.rejects(grid(model, prompts, { signal }), { name: "AbortError" });
  assert.equal(model.backend.liveTensors, 0);
});

Deno.test("grid refuses what it cannot use, in one line", async () => {
  const model = await sharedModel("cpu");
  const refused = (prompts: object, options: object, message: RegExp) =>
    assert.rejects(grid(model, { ...PROMPTS, ...prompts }, options), refusal(message));
  await refused({ foregrounds: [] }, {}, /No prompt/);
  await refused({ backgrounds: [] }, {}, /No prompt/);
  await refused({ backgrounds: ["a tree", ""] }, {}, /Prompt 2 is empty/);
  await refused({}, { template: "{foreground}" }, /Invalid template/);
  await refused({}, { size: 7 }, /Invalid size 7/);
  await refused({}, { size: 256 }, /7 × 256×256 pixels need more than the 4 GB/);
  assert.equal(model.backend.liveTensors, 0);
});
