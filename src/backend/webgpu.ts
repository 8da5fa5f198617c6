import { UserError } from "../errors.ts";
import {
  type Backend,
  bytesPerElement,
  type DType,
  elements,
  type HostArray,
  hostArray,
  type MemoryLimits,
  type Session,
  type SessionOptions,
  type Tensor,
} from "./backend.ts";
import { budgetError, type BufferBudget, SAVING, tryBuffers } from "./buffer_budget.ts";
import { GpuKernels, UniformRing } from "./gpu_kernels.ts";
import { checkUniforms, type Kernel, workgroups } from "./kernel.ts";
import { createOrtSession, importOrt, inTurn } from "./ort.ts";
import { GpuTensor, gpuTensor, WebGpuSession } from "./webgpu_session.ts";

/** Of `GPUBufferUsage`, and `GPUMapMode.READ`. */
const STORAGE = 0x80, COPY_SRC = 0x4, COPY_DST = 0x8, MAP_READ = 0x1;
const MAP_MODE_READ = 0x1;

/**
 * Bytes copied between host and device through one buffer. A tensor may be larger than what a driver
 * has room for in the memory that both can see.
 */
const PIECE = 2 ** 25;

/**
 * The GPU backend. Kernels are recorded into one command buffer that is submitted when ONNX
 * Runtime, a read or the uniform ring needs it; both share the device's queue, so order holds.
 */
class WebGpuBackend implements Backend {
  readonly device = "webgpu";
  readonly gpu: GPUDevice;
  /** Kept because Deno aborts when a device's adapter is collected before the device. */
  readonly adapter: GPUAdapter;
  readonly description: string;
  readonly float16: boolean;
  readonly limits: MemoryLimits;
  liveTensors = 0;
  liveSessions = 0;
  readonly #uniforms: UniformRing;
  readonly #kernels: GpuKernels;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** For reads; grown to the largest piece read so far. */
  #staging: GPUBuffer | undefined;
  #failure?: Error;
  #closed = false;

  constructor(
    gpu: GPUDevice,
    adapter: GPUAdapter,
    description: string,
    { largest, refused }: BufferBudget,
  ) {
    this.gpu = gpu;
    this.adapter = adapter;
    this.description = description;
    this.float16 = gpu.features.has("shader-f16");
    // WebGPU does not tell how much memory a device has.
    this.limits = { tensor: largest, total: undefined, refused };
    this.#uniforms = new UniformRing(gpu);
    this.#kernels = new GpuKernels(gpu, this.#uniforms.binding);
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#failure ??= gpuError((event as GPUUncapturedErrorEvent).error, refused);
    });
    gpu.lost.then(({ message }) => {
      if (this.#closed) return;
      this.#failure ??= new UserError(
        `The GPU was lost: ${message}`,
        SAVING,
      );
    });
  }

  tensor(shape: readonly number[], data?: HostArray, dtype: DType = "float32"): Tensor {
    const size = Math.ceil(elements(shape) * bytesPerElement(dtype) / 16) * 16;
    const limit = this.limits.tensor;
    if (size > limit) {
      throw new UserError(
        `A tensor [${shape}] needs ${size} bytes, the GPU gives at most ${limit}`,
        'use fewer prompts at once, a smaller `alphaSize` or `device: "cpu"`',
      );
    }
    const checked = data && hostArray(dtype, elements(shape), data);
    const buffer = this.gpu.createBuffer({
      label: `tensor [${shape}]`,
      size: Math.max(16, size),
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
    this.liveTensors++;
    const tensor = new GpuTensor(shape, dtype, buffer, (t) => this.#release(t));
    if (checked) this.#write(buffer, checked);
    return tensor;
  }

  #release(tensor: GpuTensor) {
    // Work already recorded may still use the buffer.
    this.#submit();
    this.#kernels.forget(tensor);
    tensor.ortTensor?.dispose();
    tensor.buffer.destroy();
    this.liveTensors--;
  }

  write(tensor: Tensor, data: HostArray) {
    const { buffer, dtype, size } = gpuTensor(tensor);
    const checked = hostArray(dtype, size, data);
    // Work already recorded reads the old elements.
    this.#submit();
    this.#write(buffer, checked);
  }

  #write(buffer: GPUBuffer, data: HostArray) {
    const { queue } = this.gpu;
    const bytes = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
    bytes.set(new Uint8Array(data.buffer));
    for (let start = 0; start < bytes.length; start += PIECE) {
      queue.writeBuffer(buffer, start, bytes, start, Math.min(PIECE, bytes.length - start));
      // The queue's copy of the piece is freed once it is submitted.
      if (bytes.length > PIECE) queue.submit([]);
    }
  }

  async read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    const { buffer, bytes, dtype } = gpuTensor(tensor);
    if (dtype !== "float32") throw new Error(`Wanted a float32 tensor, found ${dtype}`);
    return await this.#explained(() => this.#readBack(buffer, bytes));
  }

  async #readBack(buffer: GPUBuffer, bytes: number): Promise<Float32Array<ArrayBuffer>> {
    const data = new Uint8Array(bytes);
    const pieces: GPUBuffer[] = [];
    try {
      // All of it is copied before anything else can be recorded.
      for (let start = 0; start < bytes; start += PIECE) {
        const length = Math.min(PIECE, bytes - start);
        const piece = this.#stagingOf(length);
        pieces.push(piece);
        this.#commands().copyBufferToBuffer(buffer, start, piece, 0, length);
      }
      this.#submit();
      for (const [i, piece] of pieces.entries()) {
        const length = Math.min(PIECE, bytes - i * PIECE);
        await piece.mapAsync(MAP_MODE_READ, 0, length);
        data.set(new Uint8Array(piece.getMappedRange(0, length)), i * PIECE);
        piece.unmap();
      }
      this.#check();
    } catch (error) {
      for (const piece of pieces) piece.destroy();
      throw error;
    }
    for (const piece of pieces) {
      if (this.#staging) piece.destroy();
      else this.#staging = piece;
    }
    return new Float32Array(data.buffer);
  }

  /** A buffer to read so many bytes through, taken while it is mapped so that reads may overlap. */
  #stagingOf(bytes: number): GPUBuffer {
    const kept = this.#staging;
    this.#staging = undefined;
    if (kept && kept.size >= bytes) return kept;
    kept?.destroy();
    return this.gpu.createBuffer({ label: "staging", size: bytes, usage: MAP_READ | COPY_DST });
  }

  dispatch<B extends string, U extends string>(
    kernel: Kernel<B, U>,
    tensors: Readonly<Record<B, Tensor>>,
    uniforms: Readonly<Record<U, number>>,
  ) {
    checkUniforms(kernel, uniforms);
    const { pipeline, group } = this.#kernels.bind(kernel, tensors);
    if (this.#uniforms.full) this.#submit();
    const offset = this.#uniforms.push(kernel.uniforms, uniforms);
    this.#encoder ??= this.gpu.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(pipeline);
    this.#pass.setBindGroup(0, group, [offset]);
    this.#pass.dispatchWorkgroups(...workgroups(kernel.invocations(uniforms)));
  }

  /** The open command encoder, outside any pass. */
  #commands(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    return this.#encoder ??= this.gpu.createCommandEncoder();
  }

  #submit() {
    if (!this.#encoder) return;
    const commands = this.#commands().finish();
    this.#encoder = undefined;
    this.#uniforms.upload();
    this.gpu.queue.submit([commands]);
  }

  async idle() {
    await this.#explained(async () => {
      this.#submit();
      await this.gpu.queue.onSubmittedWorkDone();
      this.#check();
    });
  }

  /** Does some work; if it fails because the GPU did, the error is the GPU's failure. */
  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // The work of a lost GPU may fail a moment before the loss is reported.
      await new Promise((resolve) => setTimeout(resolve, 0));
      throw this.#failure ?? error;
    }
  }

  /** Validation errors arrive out of step; they surface where the host waits for the GPU. */
  #check() {
    if (this.#failure) throw this.#failure;
  }

  async load(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const ort = await importOrt("webgpu");
    // Deno cannot start the browser build's workers.
    ort.env.wasm.numThreads = 1;
    // storageBufferCacheMode keeps its default: on the small Stable Diffusion stand-in at 128²,
    // "simple" took 190 MiB and 12.4 s an iteration, the default 176 MiB and 13.9 s, one run each,
    // which is within the noise.
    const provider = { name: "webgpu", device: this.gpu };
    const sequence = <T>(work: () => Promise<T>) =>
      this.#explained(() => {
        this.#submit();
        return inTurn(work);
      });
    const session = await sequence(() =>
      createOrtSession(ort, "webgpu", model, options, {
        executionProviders: [provider],
        preferredOutputLocation: "gpu-buffer",
      })
    );
    try {
      // A weight that the driver refused memory for is told of only here.
      await this.idle();
    } catch (error) {
      await inTurn(() => session.release());
      throw error;
    }
    this.liveSessions++;
    return new WebGpuSession(ort, session, sequence, () => this.liveSessions--);
  }

  async [Symbol.asyncDispose]() {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#submit();
      // Sessions disposed of just now are still being released.
      await inTurn(() => this.gpu.queue.onSubmittedWorkDone());
    } catch {
      // A lost GPU: whoever waits for its results is told, here there is nothing left to wait for.
    }
    this.#staging?.destroy();
    this.#uniforms[Symbol.dispose]();
    this.gpu.destroy();
  }
}

/** @param refused What the driver refused when buffers were tried, in bytes. */
function gpuError(error: GPUError, refused: number | undefined): Error {
  return error instanceof GPUOutOfMemoryError
    ? budgetError(refused, { cause: error })
    : new Error(`WebGPU: ${error.message}`);
}

/**
 * Opens the WebGPU backend on an adapter, with the adapter's own limits.
 *
 * @throws {UserError} when the adapter gives no device.
 */
export async function createWebGpuBackend(adapter: GPUAdapter): Promise<Backend> {
  const { limits, features, info } = adapter;
  // Not "subgroups": ONNX Runtime would then write kernels that Deno's shader compiler refuses.
  const wanted: GPUFeatureName[] = ["shader-f16", "timestamp-query"];
  const device = await adapter.requestDevice({
    label: "peekaboo",
    requiredFeatures: wanted.filter((name) => features.has(name)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
    },
  }).catch((error) => {
    throw new UserError(`The GPU gives no device: ${error.message}`, 'use `device: "cpu"`', {
      cause: error,
    });
  });
  const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
  const allowed = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  const description = info.description || info.vendor || "WebGPU adapter";
  return new WebGpuBackend(device, adapter, description, await tryBuffers(device, allowed));
}
