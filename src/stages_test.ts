import assert from "node:assert/strict";
import { failAt } from "../tests/backends.ts";
import { fixturePath } from "../tests/fixture_path.ts";
import { createCpuBackend } from "./backend/cpu.ts";
import type { Image } from "./image/image.ts";
import { loadModelOn } from "./models/load_model.ts";
import { openClipModel } from "./models/open_clip.ts";
import { openModel } from "./models/open_model.ts";
import { segment, type SegmentOptions } from "./segment.ts";

const image: Image = { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(255) };

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
    const allocations = failAt(backend, "tensor", 0);
    await run();
    const count = allocations();
    assert(count > 10);
    for (let n = 1; n <= count; n++) {
      failAt(backend, "tensor", n);
      await assert.rejects(run(), { message: "No memory" });
      assert.equal(backend.liveTensors, 0, `allocation ${n} of ${count}`);
    }
  });
}
