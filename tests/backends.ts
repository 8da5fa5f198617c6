/**
 * Tests on every backend. One that this machine lacks is reported as ignored, by the test's name.
 *
 * @module
 */
import { tmpdir } from "node:os";
import type { Backend } from "../src/backend/backend.ts";
import { createCpuBackend } from "../src/backend/cpu.ts";
import { createWebGpuBackend } from "../src/backend/webgpu.ts";

/** A new adapter, possibly in software, or null if the machine has none. */
export async function testAdapter(): Promise<GPUAdapter | null> {
  // Without it, Mesa complains on stderr. Any existing folder will do, since nothing is written there.
  if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
  return await navigator.gpu.requestAdapter();
}

const adapter = await testAdapter();

/** True if this machine has no adapter, so that tests of WebGPU are ignored. */
export const noAdapter = adapter === null;

/** True if no adapter of this machine computes in float16. */
export const noFloat16 = !adapter?.features.has("shader-f16");

/** Opens a backend, which the caller closes. */
export async function openTestBackend(device: Backend["device"]): Promise<Backend> {
  if (device === "cpu") return await createCpuBackend({ threads: 1 });
  return await createWebGpuBackend((await testAdapter())!);
}

/**
 * Registers a test on the CPU and one on WebGPU. Each opens a backend, which `test` closes.
 *
 * @param ignoreGpu True to ignore the test on WebGPU.
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

/**
 * Counts the calls of a backend's `tensor` or `load` from now on, and makes the one of number `n`,
 * from 1, fail with "No memory".
 *
 * @returns The number of calls so far.
 */
export function failAt(backend: Backend, method: "tensor" | "load", n: number): () => number {
  // The class's own method, so that a call replaces the one before.
  const { tensor, load } = Object.getPrototypeOf(backend) as Backend;
  let calls = 0;
  const count = () => {
    if (++calls === n) throw new Error("No memory");
  };
  if (method === "tensor") {
    backend.tensor = (...args) => {
      count();
      return tensor.apply(backend, args);
    };
  } else {
    backend.load = (...args) => {
      count();
      return load.apply(backend, args);
    };
  }
  return () => calls;
}
