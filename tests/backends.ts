/**
 * Tests on every backend. One that this machine lacks is reported as ignored, by the test's name.
 *
 * @module
 */
import { tmpdir } from "node:os";
import type { Backend } from "../src/backend/backend.ts";
import { createCpuBackend } from "../src/backend/cpu.ts";
import { createWebGpuBackend } from "../src/backend/webgpu.ts";

/** A new adapter, a software one too, or null where the machine has none. */
export async function testAdapter(): Promise<GPUAdapter | null> {
  // Mesa complains on stderr without it; any folder that exists will do, nothing is written there.
  if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
  return await navigator.gpu.requestAdapter();
}

const adapter = await testAdapter();

/** Whether this machine has no adapter, so that tests of WebGPU are ignored. */
export const noAdapter = adapter === null;

/** Whether no adapter of this machine computes in float16. */
export const noFloat16 = !adapter?.features.has("shader-f16");

/** Opens a backend, which the caller closes. */
export async function openTestBackend(device: Backend["device"]): Promise<Backend> {
  if (device === "cpu") return await createCpuBackend({ threads: 1 });
  return await createWebGpuBackend((await testAdapter())!);
}

/**
 * Registers a test on the CPU and one on WebGPU. Each opens a backend, which `test` closes.
 *
 * @param ignoreGpu When to ignore the one on WebGPU.
 */
export function testOnBackends(
  name: string,
  test: (backend: Backend) => Promise<void>,
  ignoreGpu = noAdapter,
) {
  Deno.test(`${name} (cpu)`, async () => await test(await openTestBackend("cpu")));
  testOnWebGpu(`${name} (webgpu)`, test, ignoreGpu);
}

/** Registers a test per device that opens what it needs itself, or shares it with others of its file. */
export function testOnDevices(
  devices: readonly Backend["device"][],
  name: string,
  test: (device: Backend["device"]) => Promise<void>,
) {
  for (const device of devices) {
    Deno.test({
      name: devices.length > 1 ? `${name} (${device})` : name,
      ignore: device === "webgpu" && noAdapter,
      fn: async () => await test(device),
    });
  }
}

/** Registers a test that opens a WebGPU backend, which `test` closes. */
export function testOnWebGpu(
  name: string,
  test: (backend: Backend) => Promise<void>,
  ignore = noAdapter,
) {
  Deno.test({ name, ignore, fn: async () => await test(await openTestBackend("webgpu")) });
}
