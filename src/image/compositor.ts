import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { composite, compositeAdjoint } from "./composite.ts";
import { resize, resizeAdjoint } from "./resize.ts";

/** Sides of the squares that a {@link Compositor} works on, in pixels. */
export interface CompositorSettings {
  /** Number of prompts, P. */
  readonly prompts: number;
  /** Side of the alpha masks, A. */
  readonly alphaSize: number;
  /** Side of the model's picture, M. */
  readonly modelSize: number;
}

/**
 * The stages *composite* and *resize*: the picture blended over a flat colour through each mask,
 * x̂ = αx + (1−α)b, and brought to the model's size. Forward and adjoint share b.
 */
export class Compositor implements Disposable {
  /** x̂ (P, 3, M, M), 0..1, written by {@link forward}. */
  readonly blended: Tensor;
  /** ᾱ (P, A, A), written by {@link adjoint}. */
  readonly alphaCotangent: Tensor;
  readonly #backend: Backend;
  readonly #image: Tensor;
  /** x̂ and its cotangent at the mask's size, where that differs from the model's. */
  readonly #atAlphaSize: { blended: Tensor; cotangent: Tensor } | undefined;
  readonly #composite;
  readonly #resize;
  readonly #tensors: Disposable;
  #background: readonly [number, number, number] = [0, 0, 0];

  /** @param image x (3, A, A), 0..1; stays the caller's. */
  constructor(backend: Backend, image: Tensor, settings: CompositorSettings) {
    const { prompts: P, alphaSize: A, modelSize: M } = settings;
    this.#backend = backend;
    this.#image = image;
    using scope = new TensorScope(backend);
    this.blended = scope.tensor([P, 3, M, M]);
    this.alphaCotangent = scope.tensor([P, A, A]);
    this.#atAlphaSize = A === M ? undefined : {
      blended: scope.tensor([P, 3, A, A]),
      cotangent: scope.tensor([P, 3, A, A]),
    };
    this.#tensors = scope.move();
    this.#composite = { planes: P, pixels: A * A };
    this.#resize = { planes: 3 * P, inHeight: A, inWidth: A, outHeight: M, outWidth: M };
  }

  /** x̂ from α (P, A, A) and the background b, 0..1. */
  forward(alpha: Tensor, background: readonly [red: number, green: number, blue: number]) {
    this.#background = background;
    const small = this.#atAlphaSize?.blended;
    // x̂ = αx + (1−α)b
    this.#backend.dispatch(
      composite,
      { image: this.#image, alpha, result: small ?? this.blended },
      this.#uniforms(),
    );
    if (small) this.#backend.dispatch(resize, { x: small, y: this.blended }, this.#resize);
  }

  /** ᾱ from x̂̄ (P, 3, M, M), for the background of the last {@link forward}. */
  adjoint(blendedCotangent: Tensor) {
    const small = this.#atAlphaSize?.cotangent;
    if (small) {
      const tensors = { cotangent: blendedCotangent, result: small };
      this.#backend.dispatch(resizeAdjoint, tensors, this.#resize);
    }
    // ᾱ = Σ_c x̂̄_c (x_c − b_c)
    this.#backend.dispatch(
      compositeAdjoint,
      { image: this.#image, cotangent: small ?? blendedCotangent, result: this.alphaCotangent },
      this.#uniforms(),
    );
  }

  #uniforms() {
    const [red, green, blue] = this.#background;
    return { ...this.#composite, red, green, blue };
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
