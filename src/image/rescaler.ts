import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { resize, resizeAdjoint } from "./resize.ts";

/** What a {@link Rescaler} rescales. */
export interface RescalerSettings {
  /** Number of images, P. */
  readonly images: number;
  /** Side of the images as they are composed, A. */
  readonly from: number;
  /** Side of the model's images, M. */
  readonly to: number;
}

/** The stage *resize*: composites brought to the model's size; nothing is done where it is theirs. */
export class Rescaler implements Disposable {
  /** x̂ (P, 3, A, A), to be written before {@link forward}; `output` itself where A is M. */
  readonly input: Tensor;
  /** x̂ (P, 3, M, M), written by {@link forward}. */
  readonly output: Tensor;
  readonly #backend: Backend;
  readonly #sizes;
  /** x̂̄ (P, 3, A, A), where A is not M. */
  readonly #cotangent: Tensor | undefined;
  readonly #tensors: Disposable;

  constructor(backend: Backend, { images: P, from: A, to: M }: RescalerSettings) {
    this.#backend = backend;
    using scope = new TensorScope(backend);
    this.output = scope.tensor([P, 3, M, M]);
    this.input = A === M ? this.output : scope.tensor([P, 3, A, A]);
    this.#cotangent = A === M ? undefined : scope.tensor([P, 3, A, A]);
    this.#sizes = { planes: 3 * P, inHeight: A, inWidth: A, outHeight: M, outWidth: M };
    this.#tensors = scope.move();
  }

  /** `output` from `input`. */
  forward() {
    if (!this.#cotangent) return;
    this.#backend.dispatch(resize, { x: this.input, y: this.output }, this.#sizes);
  }

  /** The cotangent of `input` from that of `output` (P, 3, M, M). */
  adjoint(cotangent: Tensor): Tensor {
    if (!this.#cotangent) return cotangent;
    this.#backend.dispatch(resizeAdjoint, { cotangent, result: this.#cotangent }, this.#sizes);
    return this.#cotangent;
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
