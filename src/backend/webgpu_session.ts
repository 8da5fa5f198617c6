import { bytesPerElement, type DType, elements, type HostTensor, type Tensor } from "./backend.ts";
import { type Ort, OrtBackedSession, type OrtSession, type OrtTensor } from "./ort.ts";

/** A tensor in a GPU buffer. */
export class GpuTensor implements Tensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly buffer: GPUBuffer;
  readonly release: (tensor: GpuTensor) => void;
  readonly size: number;
  readonly bytes: number;
  readonly id: number;
  /** The same buffer as ONNX Runtime sees it, made on first use. */
  ortTensor?: OrtTensor;
  disposed = false;
  static #ids = 0;

  constructor(
    shape: readonly number[],
    dtype: DType,
    buffer: GPUBuffer,
    release: (tensor: GpuTensor) => void,
  ) {
    this.shape = shape;
    this.dtype = dtype;
    this.buffer = buffer;
    this.release = release;
    this.id = GpuTensor.#ids++;
    this.size = elements(shape);
    this.bytes = this.size * bytesPerElement(dtype);
  }

  [Symbol.dispose]() {
    if (this.disposed) return;
    this.disposed = true;
    this.release(this);
  }
}

/** The tensor as a WebGPU backend made it. @throws {Error} Another backend made it, or it is disposed of. */
export function gpuTensor(tensor: Tensor): GpuTensor {
  if (!(tensor instanceof GpuTensor)) throw new Error("Tensor belongs to another backend");
  if (tensor.disposed) throw new Error(`Tensor [${tensor.shape}] is used after it was disposed of`);
  return tensor;
}

/**
 * Does ONNX Runtime's work after all that was given or recorded before; fails with the GPU's own
 * failure, if there is one.
 */
type Sequence = <T>(work: () => Promise<T>) => Promise<T>;

/** An ONNX model on the WebGPU backend: inputs and outputs are GPU buffers. */
export class WebGpuSession extends OrtBackedSession {
  readonly #sequence: Sequence;

  /** @param sequence Of the backend that the session belongs to. */
  constructor(ort: Ort, session: OrtSession, sequence: Sequence, release: () => void) {
    super(ort, session, release);
    this.#sequence = sequence;
  }

  async run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ) {
    const { session } = this;
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(feeds)) {
      inputs[name] = "data" in tensor
        ? new this.ort.Tensor(tensor.dtype as "float32", tensor.data as Float32Array, tensor.shape)
        : this.#onDevice(gpuTensor(tensor));
    }
    const outputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(fetches)) {
      outputs[name] = this.#onDevice(gpuTensor(tensor));
    }
    await this.#sequence(() => session.run(inputs, outputs));
  }

  #onDevice(tensor: GpuTensor): OrtTensor {
    return tensor.ortTensor ??= this.ort.Tensor.fromGpuBuffer(tensor.buffer, {
      dataType: tensor.dtype as "float32",
      dims: [...tensor.shape],
    });
  }
}
