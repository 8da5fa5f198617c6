import assert from "node:assert/strict";
import { fixturePath } from "../tests/fixture_path.ts";
import type { Backend } from "./backend/backend.ts";
import { createCpuBackend } from "./backend/cpu.ts";
import type { Image } from "./image/image.ts";
import { loadModelOn } from "./models/load_model.ts";
import { openClipModel } from "./models/open_clip.ts";
import { openModel } from "./models/open_model.ts";
import { segment, type SegmentOptions } from "./segment.ts";

const image: Image = { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(255) };

/** Makes the allocation of this number, from 1, fail; returns how many were asked for so far. */
function failAt(backend: Backend, n: number): () => number {
  const { tensor } = Object.getPrototypeOf(backend) as Backend;
  let asked = 0;
  backend.tensor = (...args) => {
    if (++asked === n) throw new Error("No memory");
    return tensor.apply(backend, args);
  };
  return () => asked;
}

const CASES: readonly SegmentOptions[] = [
  { variant: "raster", optimizer: "sgd", alphaSize: 64 },
  // With every tensor there can be.
  { variant: "rgb-bilateral", optimizer: "adam", alphaSize: 32, posterior: "sample" },
  { variant: "fourier-bilateral", optimizer: "adam", alphaSize: 16 },
  {
    variant: "depth-bilateral",
    alphaSize: 16,
    depth: { width: 2, height: 2, depth: Float32Array.of(0, 1, 2, 3) },
    loss: "clip",
    clip: await openClipModel(fixturePath("companions/clip")),
  },
];

for (const settings of CASES) {
  Deno.test(`whichever allocation of ${settings.variant} fails, nothing is left behind`, async () => {
    const backend = await createCpuBackend({ threads: 1 });
    await using model = await loadModelOn(backend, await openModel("emoji"));
    const run = () => segment(model, image, ["a dog", "a cat"], { ...settings, iterations: 1 });
    const allocations = failAt(backend, 0);
    await run();
    const count = allocations();
    assert(count > 10);
    for (let n = 1; n <= count; n++) {
      failAt(backend, n);
      await assert.rejects(run(), { message: "No memory" });
      assert.equal(backend.liveTensors, 0, `allocation ${n} of ${count}`);
    }
  });
}
