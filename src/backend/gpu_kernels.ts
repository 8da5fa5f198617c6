import type { Tensor } from "./backend.ts";
import { type GpuTensor, gpuTensor } from "./gpu_tensor.ts";
import type { Kernel } from "./kernel.ts";

/** `GPUShaderStage.COMPUTE` */
const COMPUTE = 0x4;

/** A compiled kernel and its bind groups, by the tensors' ids. */
interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly groups: Map<string, GPUBindGroup>;
}

/** The kernels that a device has run: each is compiled once, and bound once to the same tensors. */
export class GpuKernels {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBufferBinding;
  readonly #compiled = new Map<Kernel, Compiled>();

  /** @param uniforms Bound at binding 0 of every kernel, with a dynamic offset. */
  constructor(device: GPUDevice, uniforms: GPUBufferBinding) {
    this.#device = device;
    this.#uniforms = uniforms;
  }

  /** What a dispatch of the kernel on these tensors sets. */
  bind<B extends string, U extends string>(
    kernel: Kernel<B, U>,
    tensors: Readonly<Record<B, Tensor>>,
  ): { pipeline: GPUComputePipeline; group: GPUBindGroup } {
    const { pipeline, groups } = this.#compile(kernel);
    const buffers = (Object.keys(kernel.bindings) as B[]).map((name) => gpuTensor(tensors[name]));
    const key = buffers.map(({ id }) => id).join(",");
    let group = groups.get(key);
    if (!group) {
      group = this.#device.createBindGroup({
        label: kernel.name,
        layout: pipeline.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: this.#uniforms },
          ...buffers.map(({ buffer }, i) => ({ binding: i + 1, resource: { buffer } })),
        ],
      });
      groups.set(key, group);
    }
    return { pipeline, group };
  }

  /** Lets go of every binding to a tensor. */
  forget(tensor: GpuTensor) {
    const id = String(tensor.id);
    for (const { groups } of this.#compiled.values()) {
      for (const key of groups.keys()) if (key.split(",").includes(id)) groups.delete(key);
    }
  }

  #compile(kernel: Kernel): Compiled {
    const known = this.#compiled.get(kernel);
    if (known) return known;
    const device = this.#device;
    const layout = device.createBindGroupLayout({
      label: kernel.name,
      entries: [
        { binding: 0, visibility: COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } },
        ...Object.values(kernel.bindings).map((access, i) => ({
          binding: i + 1,
          visibility: COMPUTE,
          buffer: { type: access === "read" ? "read-only-storage" as const : "storage" as const },
        })),
      ],
    });
    const pipeline = device.createComputePipeline({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: {
        module: device.createShaderModule({ label: kernel.name, code: kernel.wgsl }),
        entryPoint: kernel.entryPoint ?? "main",
      },
    });
    const compiled = { pipeline, groups: new Map<string, GPUBindGroup>() };
    this.#compiled.set(kernel, compiled);
    return compiled;
  }
}
