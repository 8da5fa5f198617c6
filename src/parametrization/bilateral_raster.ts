import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { bilateralWeights, blurRepeatedly, blurRepeatedlyAdjoint } from "./bilateral.ts";
import type { Parameter, Parametrization } from "./parametrization.ts";
import { Raster } from "./raster.ts";

/** n, the number of passes of the modified bilateral filter (paper, section 4.2). */
export const BLUR_PASSES = 40;
/** σ of the filter, in pixels. */
const SIGMA = 5;
/** τ of the filter, in the guide's range of 0..1. */
const TAU = 0.08;

/**
 * *Raster bilateral*: α = σ(Bⁿθ), θ̄ = Bᵀⁿ(ᾱ·α(1−α)). The filter B spreads each pixel of θ over its
 * surroundings, but not across the guide's edges, so masks follow those edges.
 *
 * @example
 * ```ts
 * import { backend, kernels } from "../../mod.ts";
 *
 * await using device = await backend.openBackend("cpu");
 * using guide = device.tensor([1, 1, 4], new Float32Array([0, 0, 1, 1]));
 * const theta = device.tensor([1, 1, 4], new Float32Array([8, 0, -8, 0]));
 * using parametrization = new kernels.BilateralRaster(device, theta, guide);
 * parametrization.forward();
 * // Each side of the edge now has one value.
 * const alpha = Array.from(await device.read(parametrization.alpha), (a) => a.toFixed(2));
 * console.assert(alpha.join() === "0.98,0.98,0.02,0.02");
 * ```
 */
export class BilateralRaster implements Parametrization {
  /** θ (P, H, W), before the blur. */
  readonly parameters: readonly [Parameter];
  /** α (P, H, W), 0..1; {@link forward} writes it. */
  readonly alpha: Tensor;
  readonly #backend: Backend;
  readonly #weights: Tensor;
  /** The raster whose θ is Bⁿθ. */
  readonly #blurred: Raster;
  readonly #work: Tensor;
  readonly #tensors: Disposable;

  /**
   * Creates masks that start as σ(Bⁿθ), and computes the weights of B.
   *
   * @param theta Initial θ (P, H, W). The parametrization owns it and disposes of it, at once if the
   * constructor throws.
   * @param guide The guide (C, H, W), 0..1, whose edges B respects: the image (*RGB bilateral*) or a
   * depth map (*depth bilateral*). The caller keeps it.
   */
  constructor(backend: Backend, theta: Tensor, guide: Tensor) {
    const [channels, height, width] = guide.shape;
    this.#backend = backend;
    using scope = new TensorScope(backend);
    scope.use(theta);
    this.#weights = scope.tensor([9, height, width]);
    backend.dispatch(
      bilateralWeights,
      { guide, weights: this.#weights },
      { channels, height, width, sigma: SIGMA, tau: TAU },
    );
    this.#blurred = scope.use(new Raster(backend, backend.tensor(theta.shape)));
    this.#work = scope.tensor(theta.shape);
    this.parameters = [{ value: theta, cotangent: this.#blurred.parameters[0].cotangent }];
    this.alpha = this.#blurred.alpha;
    this.#tensors = scope.move();
  }

  /** Computes α = σ(Bⁿθ). */
  forward() {
    const [{ value: theta }] = this.parameters;
    const [{ value: blurred }] = this.#blurred.parameters;
    // Bⁿθ; the number of passes is even, so the last one writes `blurred`
    blurRepeatedly(this.#backend, this.#weights, theta, [this.#work, blurred], BLUR_PASSES);
    // α = σ(Bⁿθ)
    this.#blurred.forward();
  }

  /** Computes θ̄ from ᾱ (P, H, W). */
  adjoint(alphaCotangent: Tensor) {
    // ᾱ·α(1−α)
    this.#blurred.adjoint(alphaCotangent);
    // θ̄ = Bᵀⁿ(ᾱ·α(1−α)), in place
    const [{ cotangent }] = this.parameters;
    const work = [this.#work, cotangent] as const;
    blurRepeatedlyAdjoint(this.#backend, this.#weights, cotangent, work, BLUR_PASSES);
  }

  /** Frees θ, θ̄, α and the filter's weights. */
  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
