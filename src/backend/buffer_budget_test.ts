import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { noAdapter, testAdapter } from "../../tests/backends.ts";
import { limitedAdapter } from "../../tests/limited_gpu.ts";
import { refusal } from "../../tests/refusal.ts";
import { checkMemory } from "../networks/prepared_graph.ts";
import { tryBuffers } from "./buffer_budget.ts";
import { createWebGpuBackend } from "./webgpu.ts";

const MIB = 2 ** 20;

/** As much of a device as is tried, which refuses buffers above so many MiB. */
function refusing(largest: number) {
  const tried: number[] = [];
  let error: object | null = null;
  const device = {
    createBuffer({ size }: GPUBufferDescriptor) {
      tried.push(size / MIB);
      error = size > largest * MIB ? {} : null;
      return { destroy: () => {} };
    },
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(error),
  } as unknown as GPUDevice;
  return { device, tried };
}

/** By what a device refuses to exceed: what is found to be the largest buffer, and refused, in MiB. */
const FOUND: Record<number, readonly [largest: number, refused: number | undefined]> = {
  2048: [2047, undefined],
  256: [2047, undefined],
  255: [128, 256],
  128: [128, 256],
  64: [64, 128],
  37: [32, 64],
  0.5: [1, 64],
};

for (const [limit, [largest, refused]] of Object.entries(FOUND)) {
  Deno.test(`buffers are tried on a device that refuses more than ${limit} MiB`, async () => {
    const { device } = refusing(Number(limit));
    const found = await tryBuffers(device, 2047 * MIB);
    assert.deepEqual(found, { largest: largest * MIB, refused: refused && refused * MIB });
  });
}

Deno.test("no buffer is tried that the limits forbid", async () => {
  const { device, tried } = refusing(1000);
  assert.deepEqual(await tryBuffers(device, 100 * MIB), {
    largest: 100 * MIB,
    refused: undefined,
  });
  assert.deepEqual(tried, [64]);
});

for (const limit of [256, 128, 64, 37]) {
  Deno.test({
    name: `a backend on a driver that refuses more than ${limit} MiB keeps its tensors below`,
    ignore: noAdapter,
    async fn() {
      const adapter = (await testAdapter())!;
      const { adapter: limited, usage } = limitedAdapter(adapter, limit * MIB);
      await using backend = await createWebGpuBackend(limited);
      const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
      const allowed = Math.min(maxStorageBufferBindingSize, maxBufferSize);
      const { largest, refused } = await tryBuffers(refusing(limit).device, allowed);
      assert.equal(backend.limits.tensor, largest);
      assert.equal(backend.limits.refused, refused);
      if (refused === undefined) return;
      const memory = {
        weights: 0,
        activations: 0,
        largest: { name: "w", bytes: refused, weight: true },
      };
      assert.throws(
        () => checkMemory(backend, [{ name: "U-Net", memory }]),
        refusal(/^Not enough memory: tensor "w" of the U-Net .* Resizable BAR .*#35195/),
      );
      assert.throws(() => backend.tensor([refused / 4]), refusal(/^A tensor \[\d+\] needs/));
      // Buffers that it does give are read and written as ever, piece by piece.
      const data = Float32Array.from({ length: largest / 4 }, (_, i) => i % 1009);
      using x = backend.tensor([data.length], data);
      assert.ok(Buffer.compare(bytesOf(await backend.read(x)), bytesOf(data)) === 0);
      assert.ok(usage.largest <= limit * MIB);
    },
  });
}

const bytesOf = ({ buffer }: Float32Array) => new Uint8Array(buffer);

Deno.test({
  name: "a buffer refused after it was tried is told as want of memory, and why",
  ignore: noAdapter,
  async fn() {
    const { adapter: limited, usage } = limitedAdapter((await testAdapter())!, 37 * MIB);
    await using backend = await createWebGpuBackend(limited);
    const { gpu } = backend as unknown as { gpu: GPUDevice };
    const { refused: { length } } = usage;
    gpu.createBuffer({ size: 38 * MIB, usage: 0x80 });
    assert.equal(usage.refused.length, length + 1);
    await assert.rejects(
      backend.idle(),
      refusal(/^The GPU has not enough memory: .* refuses buffers of 64 MiB: .*#35195/),
    );
  },
});
