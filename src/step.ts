import type { Parametrization } from "./parametrization/parametrization.ts";
import type { Planes } from "./parametrization/planes.ts";
import type { Regularizer } from "./parametrization/regularizer.ts";
import type { Tensor } from "./backend/backend.ts";
import type { Draws } from "./diffusion/draws.ts";
import type { Optimizer } from "./optimize/optimizer.ts";

/** The stage *loss*: the gradient that makes the composites look more like the prompts. */
export interface Loss extends Disposable {
  /** x̂̄ (P, 3, M, M); {@link evaluate} writes it. */
  readonly imageCotangent: Tensor;
  /**
   * Computes x̂̄ = ∂L/∂x̂ of the composites x̂ (P, 3, M, M), 0..1. The composites must not change
   * meanwhile.
   *
   * @param i The iteration, from 0: the counter of the random draws.
   */
  evaluate(blended: Tensor, draws: Draws, i: number): Promise<void>;
}

/** The stage *composite*: the image where the masks show it, a background elsewhere. */
export interface Composition extends Disposable {
  /** x̂ (P, 3, M, M), 0..1; {@link forward} writes it. */
  readonly blended: Tensor;
  /** ᾱ, of the masks' shape; {@link adjoint} writes it. */
  readonly alphaCotangent: Tensor;
  /** x̄, of the images' shape, if they are optimised too; {@link adjoint} writes it. */
  readonly imageCotangent?: Tensor | undefined;
  /** Computes x̂ from α and the background colour b, 0..1. */
  forward(alpha: Tensor, background: readonly [red: number, green: number, blue: number]): void;
  /** Computes ᾱ, and x̄, from x̂̄ (P, 3, M, M) at the last {@link forward}. */
  adjoint(blendedCotangent: Tensor): void;
}

/** The stages of one optimisation with their tensors, created once before the first iteration. */
export interface Stages {
  /** θ, or φ, → α. */
  readonly parametrization: Parametrization;
  /** φ_x → x, where the images are optimised too. */
  readonly images?: Planes | undefined;
  /** α, x → x̂. */
  readonly compositor: Composition;
  /** x̂ → x̂̄. */
  readonly loss: Loss;
  /** The penalty on α. */
  readonly regularizer: Regularizer;
  /** Moves θ against θ̄, or φ against φ̄; the images' parameters too. */
  readonly optimizer: Optimizer;
}

/**
 * Runs one iteration of Peekaboo (Burgert et al. 2022, Algorithm 1). It moves the alpha masks α of P
 * prompts so that the image, blended over a random colour through each mask, looks more like the
 * prompt. In Algorithm 2 the images move with their masks. A bar is a cotangent.
 *
 * The iteration queues its work on the backend. It reads nothing back and allocates nothing.
 *
 * @param i The iteration, from 0: the counter of the random draws.
 */
export async function step(stages: Stages, draws: Draws, i: number): Promise<void> {
  const { parametrization, images, compositor, loss, regularizer, optimizer } = stages;

  // parametrize: α = σ(Bⁿθ), with θ a raster or f_φ(uv)
  await parametrization.forward();
  // Algorithm 2: x = σ(f_φ(uv)) too
  await images?.forward();
  // composite: x̂ = αx + (1−α)b, resized to the model's image
  compositor.forward(parametrization.alpha, draws.background(i));
  // loss: x̂̄ = ∂L/∂x̂ of score distillation, which encodes, adds noise, predicts it and guides
  // (diffusion/score_distillation.ts), or of minus CLIP's logit (clip/clip_loss.ts)
  await loss.evaluate(compositor.blended, draws, i);
  // ᾱ = Σ_c x̂̄_c (x_c − b_c), and in Algorithm 2 x̄ = αx̂̄
  compositor.adjoint(loss.imageCotangent);
  // regularise: ᾱ += λ, the gradient of L_α = λ Σ α; competing prompts add their overlap's
  regularizer.adjoint(parametrization.alpha, compositor.alphaCotangent);
  // θ̄ = Bᵀⁿ(ᾱ·α(1−α)), and φ̄ = J_fᵀ θ̄
  await parametrization.adjoint(compositor.alphaCotangent);
  await images?.adjoint(compositor.imageCotangent!);
  // step: θ ← θ − ηθ̄, or φ ← φ − ηφ̄
  optimizer.step();
}
