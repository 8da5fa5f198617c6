import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { composite, compositeAdjoint, compositeImageAdjoint } from "./composite.ts";
import { resize, resizeAdjoint } from "./resize.ts";

/** Sides of the squares that a {@link Compositor} works on, in pixels. */
export interface CompositorSettings {
  /** Number of prompts, P. */
  readonly prompts: number;
  /** Side of the alpha masks, A. */
  readonly alphaSize: number;
  /** Side of the model's picture, M. */
  readonly modelSize: number;
  /** Whether each prompt has a picture of its own, which is optimised too. */
  readonly ownImages?: boolean;
}

/**
 * The stages *composite* and *resize*: the picture blended over a flat colour through each mask,
 * x̂ = αx + (1−α)b, and brought to the model's size. Forward and adjoint share α and b.
 */
export class Compositor implements Disposable {
  /** x̂ (P, 3, M, M), 0..1, written by {@link forward}. */
  readonly blended: Tensor;
  /** ᾱ (P, A, A), written by {@link adjoint}. */
  readonly alphaCotangent: Tensor;
  /** x̄ (P, 3, A, A), written by {@link adjoint}, if each prompt has a picture of its own. */
  readonly imageCotangent: Tensor | undefined;
  readonly #backend: Backend;
  readonly #image: Tensor;
  /** x̂ and its cotangent at the mask's size, where that differs from the model's. */
  readonly #atAlphaSize: { blended: Tensor; cotangent: Tensor } | undefined;
  readonly #composite;
  readonly #resize;
  readonly #tensors: Disposable;
  #background: readonly [number, number, number] = [0, 0, 0];
  #alpha: Tensor | undefined;

  /** @param image x (3, A, A) or, of own images, (3P, A, A), 0..1; stays the caller's. */
  constructor(backend: Backend, image: Tensor, settings: CompositorSettings) {
    const { prompts: P, alphaSize: A, modelSize: M, ownImages = false } = settings;
    this.#backend = backend;
    this.#image = image;
    using scope = new TensorScope(backend);
    this.blended = scope.tensor([P, 3, M, M]);
    this.alphaCotangent = scope.tensor([P, A, A]);
    this.imageCotangent = ownImages ? scope.tensor([P, 3, A, A]) : undefined;
    this.#atAlphaSize = A === M ? undefined : {
      blended: scope.tensor([P, 3, A, A]),
      cotangent: scope.tensor([P, 3, A, A]),
    };
    this.#tensors = scope.move();
    this.#composite = { planes: P, images: ownImages ? P : 1, pixels: A * A };
    this.#resize = { planes: 3 * P, inHeight: A, inWidth: A, outHeight: M, outWidth: M };
  }

  /** x̂ from α (P, A, A), which must stay unchanged until {@link adjoint}, and b, 0..1. */
  forward(alpha: Tensor, background: readonly [red: number, green: number, blue: number]) {
    this.#background = background;
    this.#alpha = alpha;
    const small = this.#atAlphaSize?.blended;
    // x̂ = αx + (1−α)b
    this.#backend.dispatch(
      composite,
      { image: this.#image, alpha, result: small ?? this.blended },
      this.#uniforms(),
    );
    if (small) this.#backend.dispatch(resize, { x: small, y: this.blended }, this.#resize);
  }

  /** ᾱ, and x̄, from x̂̄ (P, 3, M, M), for the masks and the colour of the last {@link forward}. */
  adjoint(blendedCotangent: Tensor) {
    const small = this.#atAlphaSize?.cotangent;
    if (small) {
      const tensors = { cotangent: blendedCotangent, result: small };
      this.#backend.dispatch(resizeAdjoint, tensors, this.#resize);
    }
    const cotangent = small ?? blendedCotangent;
    // ᾱ = Σ_c x̂̄_c (x_c − b_c)
    this.#backend.dispatch(
      compositeAdjoint,
      { image: this.#image, cotangent, result: this.alphaCotangent },
      this.#uniforms(),
    );
    if (!this.imageCotangent) return;
    // x̄ = α x̂̄
    this.#backend.dispatch(
      compositeImageAdjoint,
      { alpha: this.#alpha!, cotangent, result: this.imageCotangent },
      this.#composite,
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
