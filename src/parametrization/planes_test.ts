import assert from "node:assert/strict";
import { testOnBackends } from "../../tests/backends.ts";
import { refusal } from "../../tests/refusal.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { createPlanes, type PlanesOptions } from "./planes.ts";

const OPTIONS = { count: 2, channels: 3, size: 6, network: 1, seed: 1, frequencyScale: 4 } as const;

for (const variant of ["raster", "fourier"] as const) {
  Deno.test(`${variant}: images start alike, other planes and seeds differently`, async () => {
    await using backend = await createCpuBackend({ threads: 1 });
    const { liveTensors, liveSessions } = backend;
    const start = async (options: Partial<PlanesOptions> = {}) => {
      using planes = await createPlanes(backend, { ...OPTIONS, variant, ...options });
      await planes.forward();
      return await backend.read(planes.values);
    };
    const first = await start();
    assert.equal(first.length, 2 * 3 * 36);
    assert(first.every((value) => value > 0 && value < 1));
    assert.deepEqual(first.subarray(0, 108), first.subarray(108));
    // Channels are planes of their own.
    assert.notDeepEqual(first.subarray(0, 36), first.subarray(36, 72));
    assert.deepEqual(await start({ count: 1 }), first.slice(0, 108));
    assert.notDeepEqual(await start({ network: 0 }), first);
    assert.notDeepEqual(await start({ seed: 2 }), first);
    assert.deepEqual([backend.liveTensors, backend.liveSessions], [liveTensors, liveSessions]);
  });

  testOnBackends(`${variant}: cotangents are what the values change by`, async (backend) => {
    await using _ = backend;
    using planes = await createPlanes(backend, { ...OPTIONS, count: 1, variant });
    const weights = Float32Array.from({ length: 108 }, (_, i) => Math.sin(i));
    using cotangent = backend.tensor([3, 6, 6], weights);
    const loss = async () => {
      await planes.forward();
      const values = await backend.read(planes.values);
      return values.reduce((total, value, i) => total + value * weights[i], 0);
    };
    await loss();
    await planes.adjoint(cotangent);
    // Along the gradient of the last layer's bias, or of θ.
    const { value, cotangent: bar } = planes.parameters.at(-1)!;
    const [at, gradient] = [await backend.read(value), await backend.read(bar)];
    const h = 1e-2;
    const along = async (step: number) => {
      backend.write(value, at.map((x, i) => x + step * gradient[i]));
      return await loss();
    };
    const numeric = (await along(h) - await along(-h)) / (2 * h);
    const analytic = gradient.reduce((total, g) => total + g * g, 0);
    assert(analytic > 0);
    const error = Math.abs(numeric / analytic - 1);
    assert(error < 1e-2, `${backend.device}: ${numeric}, wanted ${analytic}`);
  });
}

Deno.test("networks over more pixels than the cpu's memory holds are refused", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  const large = { ...OPTIONS, variant: "fourier", size: 512 } as const;
  await assert.rejects(createPlanes(backend, large), refusal(/2 × 512×512 pixels need more/));
  assert.equal(backend.liveTensors, 0);
});
