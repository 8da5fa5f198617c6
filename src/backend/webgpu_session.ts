import type { HostTensor, Tensor } from "./backend.ts";
import { type GpuTensor, gpuTensor } from "./gpu_tensor.ts";
import type { Ort, OrtSession, OrtTensor } from "./ort.ts";
import { OrtBackedSession } from "./ort_session.ts";

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
