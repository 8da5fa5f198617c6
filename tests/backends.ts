import { tmpdir } from "node:os";
import type { Backend } from "../src/backend/backend.ts";
import { createCpuBackend } from "../src/backend/cpu.ts";
import { createWebGpuBackend } from "../src/backend/webgpu.ts";

/**
 * Opens every backend this machine has: cpu, and webgpu if there is any adapter, a software one
 * too. The caller closes them. Says on stderr when the WebGPU half of a test does not run.
 */
export async function backends(): Promise<Backend[]> {
  const adapter = await testAdapter();
  const cpu = await createCpuBackend({ threads: 1 });
  return adapter ? [cpu, await createWebGpuBackend(adapter)] : [cpu];
}

let skipTold = false;

/** An adapter, or null and, the first time, a line on stderr that says so. */
export async function testAdapter(): Promise<GPUAdapter | null> {
  // Mesa complains on stderr without it; any folder that exists will do, nothing is written there.
  if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter && !skipTold) {
    skipTold = true;
    console.error("SKIPPED: WebGPU tests, because this machine has no adapter");
  }
  return adapter;
}
