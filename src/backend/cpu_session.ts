import type { HostArray, HostTensor, Tensor } from "./backend.ts";
import { cpuTensor } from "./cpu_tensor.ts";
import type { OrtTensor } from "./ort.ts";
import { OrtBackedSession } from "./ort_session.ts";

/** An ONNX model on the CPU backend. */
export class CpuSession extends OrtBackedSession {
  async run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ) {
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(feeds)) {
      const { dtype, shape, data } = "data" in tensor ? tensor : cpuTensor(tensor);
      inputs[name] = new this.ort.Tensor(dtype as "float32", data as Float32Array, shape);
    }
    const outputs = await this.session.run(inputs, Object.keys(fetches));
    // ONNX Runtime has already copied each output out of its heap, so the array is taken, not copied.
    for (const [name, tensor] of Object.entries(fetches)) {
      cpuTensor(tensor).data = outputs[name].data as HostArray;
    }
  }
}
