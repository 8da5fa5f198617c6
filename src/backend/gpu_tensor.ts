import { bytesPerElement, type DType, elements, type Tensor } from "./backend.ts";
import type { OrtTensor } from "./ort.ts";

/** A tensor in a GPU buffer. */
export class GpuTensor implements Tensor {
  readonly size: number;
  readonly bytes: number;
  readonly id: number;
  /** The same buffer as ONNX Runtime sees it, made on first use. */
  ortTensor?: OrtTensor;
  disposed = false;
  static #ids = 0;

  constructor(
    readonly shape: readonly number[],
    readonly dtype: DType,
    readonly buffer: GPUBuffer,
    readonly release: (tensor: GpuTensor) => void,
  ) {
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
