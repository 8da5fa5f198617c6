import type { UniformType } from "./kernel.ts";

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
