import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { layers, layersAdjoint, layersImageAdjoint } from "./layers.ts";
import { Rescaler } from "./rescaler.ts";

/** The numbers and sides of the images that a {@link LayerCompositor} composes. */
export interface LayerCompositorSettings {
  /** Number of foregrounds, F, each with a mask. */
  readonly foregrounds: number;
  /** Number of backgrounds, B. */
  readonly backgrounds: number;
  /** Side of the images, A. */
  readonly size: number;
  /** Side of the model's image, M. */
  readonly modelSize: number;
}

/**
 * The stages *composite* and *resize* of a grid: every foreground over every background,
 * x̂_fb = α_f F_f + (1−α_f) G_b, brought to the model's size.
 */
export class LayerCompositor implements Disposable {
  /** ᾱ (F, A, A), written by {@link adjoint}. */
  readonly alphaCotangent: Tensor;
  /** F̄ and Ḡ (F + B, 3, A, A), written by {@link adjoint}. */
  readonly imageCotangent: Tensor;
  readonly #backend: Backend;
  readonly #images: Tensor;
  readonly #rescaler: Rescaler;
  readonly #uniforms;
  readonly #tensors: Disposable;
  #alpha: Tensor | undefined;

  /** @param images F and then G (3(F + B), A, A), 0..1; stays the caller's. */
  constructor(backend: Backend, images: Tensor, settings: LayerCompositorSettings) {
    const { foregrounds: F, backgrounds: B, size: A, modelSize: M } = settings;
    this.#backend = backend;
    this.#images = images;
    using scope = new TensorScope(backend);
    this.#rescaler = scope.use(new Rescaler(backend, { images: F * B, from: A, to: M }));
    this.alphaCotangent = scope.tensor([F, A, A]);
    this.imageCotangent = scope.tensor([F + B, 3, A, A]);
    this.#tensors = scope.move();
    this.#uniforms = { foregrounds: F, backgrounds: B, pixels: A * A };
  }

  /** x̂ (F·B, 3, M, M), 0..1, written by {@link forward}. */
  get blended(): Tensor {
    return this.#rescaler.output;
  }

  /** Computes x̂ from α (F, A, A), which must stay unchanged until {@link adjoint}. */
  forward(alpha: Tensor) {
    this.#alpha = alpha;
    // x̂_fb = α_f F_f + (1−α_f) G_b
    this.#backend.dispatch(
      layers,
      { images: this.#images, alpha, result: this.#rescaler.input },
      this.#uniforms,
    );
    this.#rescaler.forward();
  }

  /** Computes ᾱ, F̄ and Ḡ from x̂̄ (F·B, 3, M, M), for the masks of the last {@link forward}. */
  adjoint(blendedCotangent: Tensor) {
    const cotangent = this.#rescaler.adjoint(blendedCotangent);
    // ᾱ_f = Σ_b Σ_c x̂̄_fbc (F_fc − G_bc)
    this.#backend.dispatch(
      layersAdjoint,
      { images: this.#images, cotangent, result: this.alphaCotangent },
      this.#uniforms,
    );
    // F̄_f = Σ_b α_f x̂̄_fb, Ḡ_b = Σ_f (1−α_f) x̂̄_fb
    this.#backend.dispatch(
      layersImageAdjoint,
      { alpha: this.#alpha!, cotangent, result: this.imageCotangent },
      this.#uniforms,
    );
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
