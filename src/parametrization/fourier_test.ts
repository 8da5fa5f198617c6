import assert from "node:assert/strict";
import { assertClose, normals } from "../../tests/vectors.ts";
import type { Backend } from "../backend/backend.ts";
import { createCpuBackend } from "../backend/cpu.ts";
import { BilateralRaster } from "./bilateral_raster.ts";
import { Fourier } from "./fourier.ts";
import { createFourierNetwork } from "./fourier_network.ts";
import { Raster } from "./raster.ts";

const SIZE = [2, 3, 4] as const;

/** A network, and the same network alone. */
async function twoNetworks(backend: Backend) {
  const shape = { networks: 2, channels: 1, height: 3, width: 4 };
  const options = { ...shape, seed: 1, network: 0, frequencyScale: 2 };
  return [
    await createFourierNetwork(backend, options),
    await createFourierNetwork(backend, options),
  ];
}

for (const blurred of [false, true]) {
  Deno.test(`Fourier${blurred ? " bilateral" : ""} is the raster's mask of the network's field`, async () => {
    await using backend = await createCpuBackend({ threads: 1 });
    using guide = backend.tensor([1, 3, 4], Float32Array.from({ length: 12 }, (_, i) => i / 11));
    const raster = () => {
      const theta = backend.tensor(SIZE);
      return blurred ? new BilateralRaster(backend, theta, guide) : new Raster(backend, theta);
    };
    const [network, alone] = await twoNetworks(backend);
    using fourier = new Fourier(network, raster());
    using wanted = raster();
    using _ = alone;

    await fourier.forward();
    await alone.forward(wanted.parameters[0].value);
    wanted.forward();
    const alpha = await backend.read(wanted.alpha);
    assert(alpha.every((value) => value > 0 && value < 1) && new Set(alpha).size > 1);
    assertClose(await backend.read(fourier.alpha), alpha, 0);

    using cotangent = backend.tensor(SIZE, normals(24, 3));
    await fourier.adjoint(cotangent);
    wanted.adjoint(cotangent);
    await alone.adjoint(wanted.parameters[0].cotangent);
    assert.equal(fourier.parameters.length, alone.parameters.length);
    for (const [i, { cotangent }] of alone.parameters.entries()) {
      const phiBar = await backend.read(cotangent);
      assert(phiBar.some((value) => value !== 0));
      assertClose(await backend.read(fourier.parameters[i].cotangent), phiBar, 0);
    }
  });
}
