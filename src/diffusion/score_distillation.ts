import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import type { Embeddings } from "../prompt/embed.ts";
import type { Settings } from "../settings/settings.ts";
import { Denoiser } from "./denoiser.ts";
import type { Draws } from "./draws.ts";
import { Encoder } from "./encoder.ts";
import { loadNetworks, type Networks } from "./load_networks.ts";
import type { DiffusionModel } from "./model.ts";
import { guidancePairs, type NoisePredictorSettings } from "./noise_predictor.ts";

/** Settings and inputs of a {@link ScoreDistillation}. */
export interface ScoreDistillationSettings
  extends Omit<NoisePredictorSettings, "unet" | "embeddings" | "prompts"> {
  /** The networks, loaded for P prompts. */
  readonly networks: Networks;
  /** Text embeddings of the empty prompt and the P prompts. */
  readonly embeddings: Embeddings;
}

/**
 * Score distillation (Poole et al. 2022, equation 3), the loss of the paper's Algorithm 1. Its
 * gradient makes the composites look more like the prompts to the frozen diffusion model. A bar is a
 * cotangent; ᾱ_t is `alphasCumprod[t]`.
 */
export class ScoreDistillation implements Disposable {
  /** x̂ → z. */
  readonly encoder: Encoder;
  /** z → z̄. */
  readonly denoiser: Denoiser;
  readonly #stages: Disposable;

  constructor(backend: Backend, settings: ScoreDistillationSettings) {
    const { networks, embeddings, ...predictor } = settings;
    using scope = new TensorScope(backend);
    this.encoder = scope.use(new Encoder(backend, networks));
    this.denoiser = scope.use(
      new Denoiser(backend, {
        ...predictor,
        unet: networks.unet,
        embeddings: scope.use(guidancePairs(backend, embeddings)),
        prompts: embeddings.shape[0] - 1,
      }),
    );
    this.#stages = scope.move();
  }

  /** x̂̄ (P, 3, M, M); {@link evaluate} writes it. */
  get imageCotangent(): Tensor {
    return this.encoder.imageCotangent;
  }

  /**
   * Computes x̂̄ of the composites x̂ (P, 3, M, M), 0..1.
   *
   * @param i The iteration, from 0: the counter of the random draws.
   */
  async evaluate(blended: Tensor, draws: Draws, i: number): Promise<void> {
    const { encoder, denoiser } = this;
    const t = draws.timestep(i);
    draws.noise(i, denoiser.noise);
    if (encoder.posteriorNoise) draws.posterior(i, encoder.posteriorNoise);

    // encode: z = s·E(2x̂−1)
    await encoder.forward(blended);
    // noise: z_t = √ᾱ_t z + √(1−ᾱ_t) ε
    denoiser.addNoise(encoder.latents, t);
    // predict: ε_u, ε_c = U(z_t, t, ∅), U(z_t, t, y)
    await denoiser.predict(t);
    // guide: z̄ = w(t)(ε_u + g(ε_c − ε_u) − ε), skipping the U-Net's Jacobian
    denoiser.guide(t);
    // x̂̄ = 2s·J_Eᵀ z̄
    await encoder.adjoint(denoiser.latentCotangent);
  }

  [Symbol.dispose]() {
    this.#stages[Symbol.dispose]();
  }
}

/**
 * Creates the loss of some prompts under a diffusion model. The networks are loaded on first use.
 *
 * @param embeddings Text embeddings of the empty prompt and the P prompts.
 * @throws {UserError} The graphs do not take as many prompts, or the device has too little memory.
 */
export async function createScoreDistillation(
  model: DiffusionModel,
  embeddings: Embeddings,
  { posterior, guidanceScale }: Pick<Settings, "posterior" | "guidanceScale">,
): Promise<ScoreDistillation> {
  const { backend, noiseSchedule, latentShape } = model;
  const networks = await loadNetworks(model, embeddings.shape[0] - 1, posterior);
  const settings = { networks, embeddings, noiseSchedule, latentShape, guidanceScale };
  return new ScoreDistillation(backend, settings);
}
