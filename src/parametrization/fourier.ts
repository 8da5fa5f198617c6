import type { Tensor } from "../backend/backend.ts";
import type { BilateralRaster } from "./bilateral_raster.ts";
import type { FourierNetwork } from "./fourier_network.ts";
import type { Parameter, Parametrization } from "./parametrization.ts";
import type { Raster } from "./raster.ts";

/**
 * *Fourier* and *Fourier bilateral*: a network computes a raster's θ from the position of each pixel,
 * α = σ(f_φ(uv)) or σ(Bⁿf_φ(uv)). The optimiser changes φ instead of θ: φ̄ = J_fᵀ θ̄.
 *
 * @example
 * ```ts
 * import { backend, kernels } from "../../mod.ts";
 *
 * await using device = await backend.openBackend("cpu");
 * const shape = { networks: 1, channels: 1, height: 4, width: 4 };
 * const options = { ...shape, seed: 1, network: 0, frequencyScale: 4 };
 * const network = await kernels.createFourierNetwork(device, options);
 * using fourier = new kernels.Fourier(network, new kernels.Raster(device, device.tensor([1, 4, 4])));
 * await fourier.forward();
 * console.assert((await device.read(fourier.alpha)).every((a) => a > 0 && a < 1));
 * ```
 */
export class Fourier implements Parametrization {
  readonly #network: FourierNetwork;
  readonly #raster: Raster | BilateralRaster;

  /**
   * Joins a network and a raster. The parametrization owns both and disposes of them.
   *
   * @param network f_φ, with one channel per mask.
   * @param raster The raster that turns θ = f_φ(uv) into α.
   */
  constructor(network: FourierNetwork, raster: Raster | BilateralRaster) {
    this.#network = network;
    this.#raster = raster;
  }

  /** φ. */
  get parameters(): readonly Parameter[] {
    return this.#network.parameters;
  }

  /** α (P, H, W), 0..1; {@link forward} writes it. */
  get alpha(): Tensor {
    return this.#raster.alpha;
  }

  /** Computes α = σ(f_φ(uv)) or σ(Bⁿf_φ(uv)). */
  async forward() {
    const [{ value: theta }] = this.#raster.parameters;
    // θ = f_φ(uv)
    await this.#network.forward(theta);
    this.#raster.forward();
  }

  /** Computes φ̄ from ᾱ (P, H, W). */
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
