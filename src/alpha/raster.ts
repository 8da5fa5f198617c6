import type { Backend, Tensor } from "../backend/backend.ts";
import type { Parameter, Parametrization } from "./parametrization.ts";
import { sigmoid, sigmoidAdjoint } from "./sigmoid.ts";

/**
 * *Raster*: every pixel of the mask is a parameter, α = σ(θ), θ̄ = ᾱ·α(1−α). The paper's ablation
 * without the bilateral blur.
 */
export class Raster implements Parametrization {
  readonly parameters: readonly [Parameter];
  readonly alpha: Tensor;
  readonly #backend: Backend;

  /** @param theta Initial θ (P, H, W); taken over and disposed of with the parametrization. */
  constructor(backend: Backend, theta: Tensor) {
    this.#backend = backend;
    this.parameters = [{ value: theta, cotangent: backend.tensor(theta.shape) }];
    this.alpha = backend.tensor(theta.shape);
  }

  forward() {
    const [{ value }] = this.parameters;
    const count = this.alpha.size;
    // α = σ(θ)
    this.#backend.dispatch(sigmoid, { x: value, y: this.alpha }, { count });
  }

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

  [Symbol.dispose]() {
    const [{ value, cotangent }] = this.parameters;
    for (const tensor of [value, cotangent, this.alpha]) tensor[Symbol.dispose]();
  }
}
