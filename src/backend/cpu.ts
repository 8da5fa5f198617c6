import { UserError } from "../errors.ts";
import {
  type Backend,
  type DType,
  elements,
  type HostArray,
  hostArray,
  type HostTensor,
  type Session,
  type SessionOptions,
  type Tensor,
} from "./backend.ts";
import { checkUniforms, type Kernel } from "./kernel.ts";
import { createOrtSession, importOrt, inTurn, OrtBackedSession, type OrtTensor } from "./ort.ts";
import { withWholeMemory } from "./wasm_memory.ts";

/** Options of {@link createCpuBackend}. */
export interface CpuBackendOptions {
  /**
   * Threads of ONNX Runtime's WASM, at least 1; the default is the number of processors, at most 8.
   * The WASM starts once: the count of the first backend opened in a process holds for all.
   */
  readonly threads?: number | undefined;
}

/** A tensor in host memory. */
class CpuTensor implements Tensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly size: number;
  #data: HostArray | undefined;
  readonly #release: () => void;

  constructor(shape: readonly number[], dtype: DType, data: HostArray, release: () => void) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = elements(shape);
    this.#data = data;
    this.#release = release;
  }

  get data(): HostArray {
    if (!this.#data) throw new Error(`Tensor [${this.shape}] is used after it was disposed of`);
    return this.#data;
  }

  set data(data: HostArray) {
    // One that was disposed of stays so.
    const { length } = this.data;
    if (data.length !== length) {
      throw new Error(`Tensor [${this.shape}] holds ${length} elements, given ${data.length}`);
    }
    this.#data = data;
  }

  [Symbol.dispose]() {
    if (!this.#data) return;
    this.#data = undefined;
    this.#release();
  }
}

/** The tensor as the CPU backend made it. @throws {Error} Another backend made it. */
function cpuTensor(tensor: Tensor): CpuTensor {
  if (tensor instanceof CpuTensor) return tensor;
  throw new Error("Tensor belongs to another backend");
}

/** An ONNX model on the CPU backend. */
class CpuSession extends OrtBackedSession {
  async run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ) {
    const { session } = this;
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(feeds)) {
      const { dtype, shape, data } = "data" in tensor ? tensor : cpuTensor(tensor);
      inputs[name] = new this.ort.Tensor(dtype as "float32", data as Float32Array, shape);
    }
    const outputs = await inTurn(() => session.run(inputs, Object.keys(fetches)))
      .catch(explain);
    // ONNX Runtime has already copied each output out of its heap, so the array is taken, not copied.
    for (const [name, tensor] of Object.entries(fetches)) {
      cpuTensor(tensor).data = outputs[name].data as HostArray;
    }
  }
}

/** No memory left, or a tensor larger than memory can be. */
const OUT_OF_MEMORY = /bad_alloc|SafeInt/;

/** Throws a failure of ONNX Runtime's; a lack of memory is a {@link UserError}. */
function explain(error: unknown): never {
  if (!OUT_OF_MEMORY.test(String(error))) throw error;
  throw new UserError(
    "The CPU backend has not enough memory: WebAssembly can use 4 GB",
    'use a smaller `alphaSize`, fewer prompts at once, or `device: "webgpu"`',
    { cause: error },
  );
}

/** The backend of machines without a GPU: kernels' twins and ONNX Runtime's threaded WASM. */
class CpuBackend implements Backend {
  readonly device = "cpu";
  /** ONNX Runtime's CPU has few float16 operators, and casts around the others. */
  readonly float16 = false;
  readonly description: string;
  /** WebAssembly's addresses have 32 bits, and it allocates less than half of that at once. */
  readonly limits = { tensor: 2 ** 31 - 1, total: 2 ** 32 };
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
    const to = cpuTensor(tensor);
    to.data = hostArray(to.dtype, to.size, data);
  }

  read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    return Promise.try(() => new Float32Array(float32(tensor)));
  }

  dispatch<B extends string, U extends string>(
    kernel: Kernel<B, U>,
    tensors: Readonly<Record<B, Tensor>>,
    uniforms: Readonly<Record<U, number>>,
  ) {
    checkUniforms(kernel, uniforms);
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

  /**
   * Nothing is ever queued; but WebAssembly blocks the event loop, so signals get their turn here.
   * Deno often does not poll for signals between immediates; it does between timers.
   */
  idle(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  async load(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const ort = await importOrt("cpu");
    ort.env.wasm.numThreads = this.#threads;
    const session = await inTurn(() =>
      withWholeMemory(() =>
        createOrtSession(ort, "cpu", model, options, { executionProviders: ["wasm"] })
      )
    );
    this.liveSessions++;
    return new CpuSession(ort, session, () => this.liveSessions--);
  }

  async [Symbol.asyncDispose]() {}
}

function float32(tensor: Tensor): Float32Array {
  const { data, dtype } = cpuTensor(tensor);
  if (data instanceof Float32Array) return data;
  throw new Error(`Wanted a float32 tensor, found ${dtype}`);
}

/** Threads of this process's WASM, once a backend is open. */
let processThreads: number | undefined;

/**
 * Opens the CPU backend.
 *
 * @throws {UserError} when `threads` is not a whole number from 1.
 */
export function createCpuBackend(options: CpuBackendOptions = {}): Promise<Backend> {
  const threads = options.threads ?? Math.min(8, navigator.hardwareConcurrency);
  return Promise.try(() => new CpuBackend(holdThreads(threads)));
}

/** The count that holds in this process. */
function holdThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1) return processThreads ??= threads;
  throw new UserError(
    `Invalid threads ${threads}: wanted a whole number from 1`,
    "leave it out for one thread per processor",
  );
}
