import { UserError } from "../errors.ts";
import type { HostArray, HostTensor, Tensor } from "./backend.ts";
import { cpuTensor } from "./cpu_tensor.ts";
import { inTurn, type OrtTensor } from "./ort.ts";
import { OrtBackedSession } from "./ort_session.ts";

/** An ONNX model on the CPU backend. */
export class CpuSession extends OrtBackedSession {
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
