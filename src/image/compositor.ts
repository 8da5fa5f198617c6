import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { composite, compositeAdjoint, compositeImageAdjoint } from "./composite.ts";
import { Rescaler } from "./rescaler.ts";

/** Sides of the squares that a {@link Compositor} works on, in pixels. */
export interface CompositorSettings {
  /** Number of prompts, P. */
  readonly prompts: number;
  /** Side of the alpha masks, A. */
  readonly alphaSize: number;
  /** Side of the model's image, M. */
  readonly modelSize: number;
  /** Whether each prompt has an image of its own, which is optimised too. */
  readonly ownImages?: boolean;
}

/**
 * The stages *composite* and *resize*: the image blended over a flat colour through each mask,
 * x̂ = αx + (1−α)b, and brought to the model's size. Forward and adjoint share α and b.
 */
export class Compositor implements Disposable {
  /** ᾱ (P, A, A), written by {@link adjoint}. */
  readonly alphaCotangent: Tensor;
  /** x̄ (P, 3, A, A), written by {@link adjoint}, if each prompt has an image of its own. */
  readonly imageCotangent: Tensor | undefined;
  readonly #backend: Backend;
  readonly #image: Tensor;
  readonly #rescaler: Rescaler;
  readonly #composite;
  readonly #tensors: Disposable;
  #background: readonly [number, number, number] = [0, 0, 0];
  #alpha: Tensor | undefined;

  /** @param image x (3, A, A), or (3P, A, A) of own images, 0..1; stays the caller's. */
  constructor(backend: Backend, image: Tensor, settings: CompositorSettings) {
    const { prompts: P, alphaSize: A, modelSize: M, ownImages = false } = settings;
    this.#backend = backend;
    this.#image = image;
    using scope = new TensorScope(backend);
    this.#rescaler = scope.use(new Rescaler(backend, { images: P, from: A, to: M }));
    this.alphaCotangent = scope.tensor([P, A, A]);
    this.imageCotangent = ownImages ? scope.tensor([P, 3, A, A]) : undefined;
    this.#tensors = scope.move();
    this.#composite = { planes: P, images: ownImages ? P : 1, pixels: A * A };
  }

  /** x̂ (P, 3, M, M), 0..1, written by {@link forward}. */
  get blended(): Tensor {
    return this.#rescaler.output;
  }

  /** Computes x̂ from α (P, A, A), which must stay unchanged until {@link adjoint}, and b, 0..1. */
  forward(alpha: Tensor, background: readonly [red: number, green: number, blue: number]) {
    this.#background = background;
    this.#alpha = alpha;
    // x̂ = αx + (1−α)b
    this.#backend.dispatch(
      composite,
      { image: this.#image, alpha, result: this.#rescaler.input },
      this.#uniforms(),
    );
    this.#rescaler.forward();
  }

  /** Computes ᾱ, and x̄, from x̂̄ (P, 3, M, M), for the masks and the colour of the last {@link forward}. */
  adjoint(blendedCotangent: Tensor) {
    const cotangent = this.#rescaler.adjoint(blendedCotangent);
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
