import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { addNoise } from "./noise.ts";
import { NoisePredictor, type NoisePredictorSettings } from "./noise_predictor.ts";
import { noiseLevel } from "./noise_schedule.ts";

/**
 * The stages *noise*, *predict* and *guide*: the frozen U-Net predicts the noise in noisy latents, and
 * its error becomes the cotangent of the latents (score distillation, Poole et al. 2022, equation 3).
 */
export class Denoiser implements Disposable {
  /** ε (C, h, w), shared by all prompts; the draws write it. */
  readonly noise: Tensor;
  /** z̄ (P, C, h, w); {@link guide} writes it. */
  readonly latentCotangent: Tensor;
  readonly #backend: Backend;
  readonly #settings: NoisePredictorSettings;
  readonly #predictor: NoisePredictor;
  readonly #tensors: Disposable;

  constructor(backend: Backend, settings: NoisePredictorSettings) {
    const { prompts: P, latentShape } = settings;
    this.#backend = backend;
    this.#settings = settings;
    using scope = new TensorScope(backend);
    this.#predictor = scope.use(new NoisePredictor(backend, settings));
    this.noise = scope.tensor(latentShape);
    this.latentCotangent = scope.tensor([P, ...latentShape]);
    this.#tensors = scope.move();
  }

  /** Computes z_t = √ᾱ_t z + √(1−ᾱ_t) ε from z (P, C, h, w). */
  addNoise(latents: Tensor, t: number) {
    const { prompts, noiseSchedule } = this.#settings;
    this.#backend.dispatch(
      addNoise,
      { latents, noise: this.noise, result: this.#predictor.noisy },
      { planes: prompts, count: this.noise.size, ...noiseLevel(noiseSchedule.alphasCumprod[t]) },
    );
  }

  /** Predicts ε_u, ε_c = U(z_t, t, ∅), U(z_t, t, y) in one batch of 2P. */
  async predict(t: number) {
    await this.#predictor.predict(t);
  }

  /** Computes z̄ = w(t)(ε̂ − ε) with ε̂ = ε_u + g(ε_c − ε_u) and w(t) = 1 − ᾱ_t. */
  guide(t: number) {
    const weight = 1 - this.#settings.noiseSchedule.alphasCumprod[t];
    this.#predictor.residual(t, { noise: this.noise, weight, result: this.latentCotangent });
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
