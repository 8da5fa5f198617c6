import type { Tensor } from "./backend.ts";
import type { Kernel, UniformType } from "./kernel.ts";
import { type GpuTensor, gpuTensor } from "./webgpu_session.ts";

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

  /** The pipeline and bind group for a dispatch of the kernel on these tensors. */
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

/** WebGPU's guaranteed `minUniformBufferOffsetAlignment`. */
const SLOT_BYTES = 256;
const SLOTS = 256;

/**
 * The uniforms of all dispatches of one submit, each in its own slot of one buffer that is bound
 * with a dynamic offset: a dispatch then needs no buffer and no bind group of its own.
 */
export class UniformRing implements Disposable {
  /** The resource to bind at binding 0. */
  readonly binding: GPUBufferBinding;
  readonly #buffer: GPUBuffer;
  readonly #queue: GPUQueue;
  readonly #view = new DataView(new ArrayBuffer(SLOTS * SLOT_BYTES));
  #used = 0;

  constructor(device: GPUDevice) {
    this.#queue = device.queue;
    const UNIFORM = 0x40, COPY_DST = 0x8;
    this.#buffer = device.createBuffer({
      label: "uniforms",
      size: SLOTS * SLOT_BYTES,
      usage: UNIFORM | COPY_DST,
    });
    this.binding = { buffer: this.#buffer, size: SLOT_BYTES };
  }

  /** Whether a submit is due before the next {@link push}. */
  get full(): boolean {
    return this.#used === SLOTS;
  }

  /** Stores one dispatch's uniforms; returns their offset in bytes. */
  push<U extends string>(
    types: Readonly<Record<U, UniformType>>,
    values: Readonly<Record<U, number>>,
  ): number {
    const offset = this.#used++ * SLOT_BYTES;
    let at = offset;
    for (const name in types) {
      if (types[name] === "u32") this.#view.setUint32(at, values[name], true);
      else this.#view.setFloat32(at, values[name], true);
      at += 4;
    }
    return offset;
  }

  /** Sends the stored uniforms to the GPU, before the submit that reads them. */
  upload() {
    if (this.#used === 0) return;
    this.#queue.writeBuffer(this.#buffer, 0, this.#view.buffer, 0, this.#used * SLOT_BYTES);
    this.#used = 0;
  }

  [Symbol.dispose]() {
    this.#buffer.destroy();
  }
}
