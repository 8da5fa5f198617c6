import type { HostTensor, Tensor } from "./backend.ts";
import { type GpuTensor, gpuTensor } from "./gpu_tensor.ts";
import { inTurn, type Ort, type OrtSession, type OrtTensor } from "./ort.ts";
import { OrtBackedSession } from "./ort_session.ts";

/** An ONNX model on the WebGPU backend: inputs and outputs are GPU buffers. */
export class WebGpuSession extends OrtBackedSession {
  readonly #submit: () => void;

  /** @param submit Sends the backend's own recorded commands, which a run must come after. */
  constructor(ort: Ort, session: OrtSession, submit: () => void, release: () => void) {
    super(ort, session, release);
    this.#submit = submit;
  }

  async run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ) {
    const { session } = this;
    this.#submit();
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
    await inTurn(() => session.run(inputs, outputs));
  }

  #onDevice(tensor: GpuTensor): OrtTensor {
    return tensor.ortTensor ??= this.ort.Tensor.fromGpuBuffer(tensor.buffer, {
      dataType: tensor.dtype as "float32",
      dims: [...tensor.shape],
    });
  }
}
