import type { Tensor } from "../backend/backend.ts";
import type { BilateralRaster } from "./bilateral_raster.ts";
import type { FourierNetwork } from "./fourier_network.ts";
import type { Parameter, Parametrization } from "./parametrization.ts";
import type { Raster } from "./raster.ts";

/**
 * *Fourier* and *Fourier bilateral*: the θ of a raster is not optimised itself but computed by a
 * network from each pixel's place, α = σ(f_φ(uv)) or σ(Bⁿf_φ(uv)). What is optimised is φ:
 * φ̄ = J_fᵀ θ̄.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { Fourier } from "./fourier.ts";
 * import { createFourierNetwork } from "./fourier_network.ts";
 * import { Raster } from "./raster.ts";
 *
 * await using backend = await createCpuBackend();
 * const shape = { networks: 1, channels: 1, height: 4, width: 4 };
 * const options = { ...shape, seed: 1, network: 0, frequencyScale: 4 };
 * const network = await createFourierNetwork(backend, options);
 * using fourier = new Fourier(network, new Raster(backend, backend.tensor([1, 4, 4])));
 * await fourier.forward();
 * console.assert((await backend.read(fourier.alpha)).every((a) => a > 0 && a < 1));
 * ```
 */
export class Fourier implements Parametrization {
  readonly #network: FourierNetwork;
  readonly #raster: Raster | BilateralRaster;

  /**
   * Masks that start as the network and the raster say.
   *
   * @param network f_φ, of one channel for each mask.
   * @param raster What becomes of f_φ(uv), its θ; both are taken over and disposed of with the
   * parametrization.
   */
  constructor(network: FourierNetwork, raster: Raster | BilateralRaster) {
    this.#network = network;
    this.#raster = raster;
  }

  /** φ. */
  get parameters(): readonly Parameter[] {
    return this.#network.parameters;
  }

  /** α (P, H, W), 0..1, written by {@link forward}. */
  get alpha(): Tensor {
    return this.#raster.alpha;
  }

  /** α = σ(f_φ(uv)) or σ(Bⁿf_φ(uv)). */
  async forward() {
    const [{ value: theta }] = this.#raster.parameters;
    // θ = f_φ(uv)
    await this.#network.forward(theta);
    this.#raster.forward();
  }

  /** φ̄ from ᾱ (P, H, W). */
  async adjoint(alphaCotangent: Tensor) {
    const [{ cotangent }] = this.#raster.parameters;
    this.#raster.adjoint(alphaCotangent);
    // φ̄ = J_fᵀ θ̄
    await this.#network.adjoint(cotangent);
  }

  /** Frees the network and the raster. */
  [Symbol.dispose]() {
    this.#network[Symbol.dispose]();
    this.#raster[Symbol.dispose]();
  }
}
