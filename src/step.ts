import type { Parametrization } from "./alpha/parametrization.ts";
import type { Regularizer } from "./alpha/regularizer.ts";
import type { Denoiser } from "./diffusion/denoiser.ts";
import type { Draws } from "./diffusion/draws.ts";
import type { Encoder } from "./diffusion/encoder.ts";
import type { Compositor } from "./image/compositor.ts";
import type { Optimizer } from "./optimize/optimizer.ts";

/** The stages of one optimisation, with their tensors; made once, before the first iteration. */
export interface Stages {
  /** θ, or φ, → α. */
  readonly parametrization: Parametrization;
  /** α → x̂. */
  readonly compositor: Compositor;
  /** x̂ → z. */
  readonly encoder: Encoder;
  /** z → z̄. */
  readonly denoiser: Denoiser;
  /** The penalty on α. */
  readonly regularizer: Regularizer;
  /** θ against θ̄, or φ against φ̄. */
  readonly optimizer: Optimizer;
}

/**
 * One iteration of Peekaboo (Burgert et al. 2022, Algorithm 1): score distillation of the alpha
 * masks α of P prompts on one picture. A bar is a cotangent; ᾱ_t is `alphasCumprod[t]`.
 *
 * Everything is queued on the stages' backend; nothing is read back and nothing is allocated.
 *
 * @param i Number of the iteration, from 0: the counter of the random draws.
 */
export async function step(stages: Stages, draws: Draws, i: number): Promise<void> {
  const { parametrization, compositor, encoder, denoiser, regularizer, optimizer } = stages;

  const t = draws.timestep(i);
  const background = draws.background(i);
  draws.noise(i, denoiser.noise);
  if (encoder.posteriorNoise) draws.posterior(i, encoder.posteriorNoise);

  // parametrize: α = σ(Bⁿθ), with θ a raster or f_φ(uv)
  await parametrization.forward();
  // composite: x̂ = αx + (1−α)b, resized to the model's picture
  compositor.forward(parametrization.alpha, background);
  // encode: z = s·E(2x̂−1)
  await encoder.forward(compositor.blended);
  // noise: z_t = √ᾱ_t z + √(1−ᾱ_t) ε
  denoiser.addNoise(encoder.latents, t);
  // predict: ε_u, ε_c = U(z_t, t, ∅), U(z_t, t, prompt)
  await denoiser.predict(t);
  // guide: z̄ = w(t)(ε_u + g(ε_c − ε_u) − ε), skipping the U-Net's Jacobian
  denoiser.guide(t);

  // x̂̄ = 2s·J_Eᵀ z̄
  await encoder.adjoint(denoiser.latentCotangent);
  // ᾱ = Σ_c x̂̄_c (x_c − b_c)
  compositor.adjoint(encoder.imageCotangent);
  // regularise: ᾱ += λ, the gradient of L_α = λ Σ α; prompts that compete add theirs
  regularizer.adjoint(parametrization.alpha, compositor.alphaCotangent);
  // θ̄ = Bᵀⁿ(ᾱ·α(1−α)), and φ̄ = J_fᵀ θ̄
  await parametrization.adjoint(compositor.alphaCotangent);
  // step: θ ← θ − ηθ̄, or φ ← φ − ηφ̄
  optimizer.step();
}
