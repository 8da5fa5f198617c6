import { type DType, elements, type HostArray, type Tensor } from "./backend.ts";

/** A tensor in host memory. */
export class CpuTensor implements Tensor {
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
export function cpuTensor(tensor: Tensor): CpuTensor {
  if (tensor instanceof CpuTensor) return tensor;
  throw new Error("Tensor belongs to another backend");
}
