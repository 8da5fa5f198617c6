import { UserError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { type CpuBackendOptions, createCpuBackend } from "./cpu.ts";
import { createWebGpuBackend } from "./webgpu.ts";

/**
 * Devices that a user can choose.
 *
 * @example
 * ```ts
 * import { backend } from "../../mod.ts";
 *
 * console.assert(backend.DEVICES.includes("auto"));
 * ```
 */
export const DEVICES = ["auto", "webgpu", "cpu"] as const;

/** A device; `auto` is a GPU if the machine has one, else the CPU. */
export type Device = typeof DEVICES[number];

/** Options of {@link openBackend}. */
export interface OpenBackendOptions extends CpuBackendOptions {
  /** The source of adapters; the default is `navigator.gpu`. */
  readonly gpu?: Pick<GPU, "requestAdapter"> | undefined;
}

/**
 * Opens the backend for a device.
 *
 * - `auto`: WebGPU on a hardware adapter if there is one that works, else the CPU. It leaves
 *   software adapters alone, which are slower than WebAssembly.
 * - `webgpu`: WebGPU on any adapter.
 * - `cpu`: WebAssembly and plain TypeScript.
 *
 * @throws {UserError} when the device is unknown, or `webgpu` is asked for and there is no adapter.
 *
 * @example
 * ```ts
 * import { backend } from "../../mod.ts";
 *
 * await using device = await backend.openBackend("cpu");
 * console.assert(device.device === "cpu");
 * ```
 */
export async function openBackend(
  device: Device = "auto",
  options: OpenBackendOptions = {},
): Promise<Backend> {
  if (!DEVICES.includes(device)) {
    throw new UserError(`Unknown device "${device}"`, `use ${DEVICES.join(", ")}`);
  }
  if (device === "cpu") return await createCpuBackend(options);
  const gpu = options.gpu ?? navigator.gpu;
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (device === "webgpu") {
    if (adapter) return await createWebGpuBackend(adapter);
    throw new UserError(
      "No GPU adapter found for device webgpu",
      'use `device: "cpu"`, or install a Vulkan driver',
    );
  }
  if (!adapter || adapter.info.isFallbackAdapter) return await createCpuBackend(options);
  try {
    return await createWebGpuBackend(adapter);
  } catch (error) {
    // A broken driver should not keep a machine from working.
    if (error instanceof UserError) return await createCpuBackend(options);
    throw error;
  }
}
