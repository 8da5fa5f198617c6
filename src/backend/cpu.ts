import { setImmediate } from "node:timers";
import {
  type Backend,
  type DType,
  elements,
  type HostArray,
  type HostTensor,
  type Session,
  type SessionOptions,
  type Tensor,
} from "./backend.ts";
import type { Kernel } from "./kernel.ts";
import { hostArray } from "./host_array.ts";
import { createOrtSession, importOrt, type Ort, type OrtTensor, tensorInfos } from "./ort.ts";

/** Options of {@link createCpuBackend}. */
export interface CpuBackendOptions {
  /** Threads of ONNX Runtime's WASM; the number of processors, at most 8, unless given. */
  readonly threads?: number;
}

/** A tensor in host memory. */
class CpuTensor implements Tensor {
  readonly size: number;
  #data: HostArray | undefined;
  readonly #release: () => void;

  constructor(
    readonly shape: readonly number[],
    readonly dtype: DType,
    data: HostArray,
    release: () => void,
  ) {
    this.size = elements(shape);
    this.#data = data;
    this.#release = release;
  }

  get data(): HostArray {
    if (!this.#data) throw new Error(`Tensor [${this.shape}] is used after it was disposed of`);
    return this.#data;
  }

  set data(data: HostArray) {
    if (data.length !== this.size) {
      throw new Error(`Tensor [${this.shape}] holds ${this.size} elements, given ${data.length}`);
    }
    this.#data = data;
  }

  [Symbol.dispose]() {
    if (!this.#data) return;
    this.#data = undefined;
    this.#release();
  }
}

/** The backend of machines without a GPU: kernels' twins and ONNX Runtime's threaded WASM. */
class CpuBackend implements Backend {
  readonly device = "cpu";
  readonly description: string;
  liveTensors = 0;
  liveSessions = 0;
  readonly #threads: number;

  constructor(threads: number) {
    this.#threads = threads;
    this.description = `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  }

  tensor(shape: readonly number[], data?: HostArray, dtype: DType = "float32"): Tensor {
    const copy = hostArray(dtype, elements(shape), data);
    this.liveTensors++;
    return new CpuTensor(shape, dtype, copy, () => this.liveTensors--);
  }

  write(tensor: Tensor, data: HostArray) {
    // The types of both arrays agree by dtype; TypeScript cannot see that.
    (own(tensor).data as Float32Array).set(data as Float32Array);
  }

  read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    return Promise.resolve(new Float32Array(float32(tensor)));
  }

  copy(from: Tensor, to: Tensor) {
    this.write(to, own(from).data);
  }

  dispatch<B extends string, U extends string>(
    kernel: Kernel<B, U>,
    tensors: Readonly<Record<B, Tensor>>,
    uniforms: Readonly<Record<U, number>>,
  ) {
    const buffers = {} as Record<B, Float32Array>;
    for (const name in kernel.bindings) {
      buffers[name] = float32(tensors[name]);
      if (kernel.bindings[name] === "read") continue;
      for (const other in kernel.bindings) {
        // WebGPU refuses it, so the twins do.
        if (other !== name && tensors[other] === tensors[name]) {
          throw new Error(`Kernel ${kernel.name} writes ${name}, which is also its ${other}`);
        }
      }
    }
    kernel.twin(buffers, uniforms);
  }

  /** Nothing is ever queued; but WebAssembly blocks the event loop, so signals get their turn. */
  idle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async load(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const ort = await importOrt("cpu");
    ort.env.wasm.numThreads = this.#threads;
    const session = await createOrtSession(ort, model, options, { executionProviders: ["wasm"] });
    this.liveSessions++;
    return new CpuSession(ort, session, () => this.liveSessions--);
  }

  async [Symbol.asyncDispose]() {}
}

class CpuSession implements Session {
  readonly inputs;
  readonly outputs;
  readonly #ort: Ort;
  #session: Awaited<ReturnType<typeof createOrtSession>> | undefined;
  readonly #release: () => void;

  constructor(
    ort: Ort,
    session: Awaited<ReturnType<typeof createOrtSession>>,
    release: () => void,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.#release = release;
    this.inputs = tensorInfos(session.inputMetadata);
    this.outputs = tensorInfos(session.outputMetadata);
  }

  async run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ) {
    if (!this.#session) throw new Error("Session is used after it was disposed of");
    const inputs: Record<string, OrtTensor> = {};
    for (
      const [name, { dtype, shape, data }] of Object.entries(feeds as Record<string, CpuTensor>)
    ) {
      inputs[name] = new this.#ort.Tensor(dtype as "float32", data as Float32Array, shape);
    }
    const outputs = await this.#session.run(inputs, Object.keys(fetches));
    // ONNX Runtime has already copied each output out of its heap, so the array is taken, not copied.
    for (const [name, tensor] of Object.entries(fetches)) {
      own(tensor).data = outputs[name].data as HostArray;
    }
  }

  [Symbol.dispose]() {
    if (!this.#session) return;
    void this.#session.release();
    this.#session = undefined;
    this.#release();
  }
}

function own(tensor: Tensor): CpuTensor {
  if (tensor instanceof CpuTensor) return tensor;
  throw new Error("Tensor belongs to another backend");
}

function float32(tensor: Tensor): Float32Array {
  const { data, dtype } = own(tensor);
  if (data instanceof Float32Array) return data;
  throw new Error(`Wanted a float32 tensor, found ${dtype}`);
}

/**
 * Opens the CPU backend.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "./cpu.ts";
 *
 * await using backend = await createCpuBackend({ threads: 2 });
 * console.assert(backend.description === "WebAssembly, 2 threads");
 * ```
 */
export function createCpuBackend(options: CpuBackendOptions = {}): Promise<Backend> {
  const threads = options.threads ?? Math.min(8, navigator.hardwareConcurrency);
  return Promise.resolve(new CpuBackend(threads));
}
