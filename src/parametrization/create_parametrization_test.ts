import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { VARIANTS } from "../settings/table.ts";
import { createParametrization } from "./create_parametrization.ts";

for (const variant of VARIANTS) {
  Deno.test(`${variant}: masks of all prompts start alike, of another seed differently`, async () => {
    await using backend = await createCpuBackend({ threads: 1 });
    using guide = backend.tensor([3, 4, 5]);
    const { liveTensors, liveSessions } = backend;
    const alphas = [];
    for (const seed of [1, 1, 2]) {
      const settings = { variant, seed, frequencyScale: 4 };
      using masks = await createParametrization(backend, settings, { guide, prompts: 2 });
      assert.deepEqual(masks.alpha.shape, [2, 4, 5]);
      await masks.forward();
      const alpha = await backend.read(masks.alpha);
      assert.deepEqual(alpha.subarray(0, 20), alpha.subarray(20));
      alphas.push(alpha);
    }
    assert.deepEqual(alphas[0], alphas[1]);
    assert.notDeepEqual(alphas[0], alphas[2]);
    assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
  });
}
