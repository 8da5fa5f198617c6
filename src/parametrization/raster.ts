import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Parameter, Parametrization } from "./parametrization.ts";
import { sigmoid, sigmoidAdjoint } from "./sigmoid.ts";

/**
 * *Raster*: every pixel of the mask is a parameter, α = σ(θ), θ̄ = ᾱ·α(1−α). It is the
 * paper's ablation without the bilateral blur.
 *
 * @example
 * ```ts
 * import { backend, kernels } from "../../mod.ts";
 *
 * await using device = await backend.openBackend("cpu");
 * using raster = new kernels.Raster(device, device.tensor([1, 2, 2]));
 * raster.forward();
 * console.assert((await device.read(raster.alpha)).join() === "0.5,0.5,0.5,0.5");
 * ```
 */
export class Raster implements Parametrization {
  /** θ (P, H, W). */
  readonly parameters: readonly [Parameter];
  /** α (P, H, W), 0..1; {@link forward} writes it. */
  readonly alpha: Tensor;
  readonly #backend: Backend;
  readonly #tensors: Disposable;

  /**
   * Creates masks that start as σ(θ).
   *
   * @param theta Initial θ (P, H, W). The parametrization owns it and disposes of it, at once if the
   * constructor throws.
   */
  constructor(backend: Backend, theta: Tensor) {
    this.#backend = backend;
    using scope = new TensorScope(backend);
    this.parameters = [{ value: scope.use(theta), cotangent: scope.tensor(theta.shape) }];
    this.alpha = scope.tensor(theta.shape);
    this.#tensors = scope.move();
  }

  /** Computes α = σ(θ). */
  forward() {
    const [{ value }] = this.parameters;
    const count = this.alpha.size;
    // α = σ(θ)
    this.#backend.dispatch(sigmoid, { x: value, y: this.alpha }, { count });
  }

  /** Computes θ̄ from ᾱ (P, H, W). */
  adjoint(alphaCotangent: Tensor) {
    const [{ cotangent }] = this.parameters;
    const count = this.alpha.size;
    // θ̄ = ᾱ·α(1−α)
    this.#backend.dispatch(
      sigmoidAdjoint,
      { y: this.alpha, cotangent: alphaCotangent, result: cotangent },
      { count },
    );
  }

  /** Frees θ, θ̄ and α. */
  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
