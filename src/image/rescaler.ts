import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { resize, resizeAdjoint } from "./resize.ts";

/** The number and sides of the images that a {@link Rescaler} resizes. */
export interface RescalerSettings {
  /** Number of images, P. */
  readonly images: number;
  /** Side of the images as they are composed, A. */
  readonly from: number;
  /** Side of the model's images, M. */
  readonly to: number;
}

/** The stage *resize*: brings composites to the model's size, or does nothing where they have it. */
export class Rescaler implements Disposable {
  /** x̂ (P, 3, A, A); the caller writes it before {@link forward}. It is `output` itself if A = M. */
  readonly input: Tensor;
  /** x̂ (P, 3, M, M), written by {@link forward}. */
  readonly output: Tensor;
  readonly #backend: Backend;
  readonly #sizes;
  /** x̂̄ (P, 3, A, A), if A ≠ M. */
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

  /** Computes `output` from `input`. */
  forward() {
    if (!this.#cotangent) return;
    this.#backend.dispatch(resize, { x: this.input, y: this.output }, this.#sizes);
  }

  /** Computes the cotangent of `input` from that of `output` (P, 3, M, M). */
  adjoint(cotangent: Tensor): Tensor {
    if (!this.#cotangent) return cotangent;
    this.#backend.dispatch(resizeAdjoint, { cotangent, result: this.#cotangent }, this.#sizes);
    return this.#cotangent;
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
