import type { Parametrization } from "./alpha/parametrization.ts";
import type { Regularizer } from "./alpha/regularizer.ts";
import type { Tensor } from "./backend/backend.ts";
import type { Draws } from "./diffusion/draws.ts";
import type { Compositor } from "./image/compositor.ts";
import type { Optimizer } from "./optimize/optimizer.ts";

/** The stage *loss*: how the composites would have to change to look like the prompts. */
export interface Loss extends Disposable {
  /** x̂̄ (P, 3, M, M), written by {@link evaluate}. */
  readonly imageCotangent: Tensor;
  /**
   * x̂̄ = ∂L/∂x̂ of the composites x̂ (P, 3, M, M), 0..1, which must stay unchanged meanwhile.
   *
   * @param i Number of the iteration, from 0: the counter of the random draws.
   */
  evaluate(blended: Tensor, draws: Draws, i: number): Promise<void>;
}

/** The stages of one optimisation, with their tensors; made once, before the first iteration. */
export interface Stages {
  /** θ, or φ, → α. */
  readonly parametrization: Parametrization;
  /** α → x̂. */
  readonly compositor: Compositor;
  /** x̂ → x̂̄. */
  readonly loss: Loss;
  /** The penalty on α. */
  readonly regularizer: Regularizer;
  /** θ against θ̄, or φ against φ̄. */
  readonly optimizer: Optimizer;
}

/**
 * One iteration of Peekaboo (Burgert et al. 2022, Algorithm 1): the alpha masks α of P prompts on one
 * picture are moved so that the picture, blended over a random colour through each, looks more like
 * the prompt. A bar is a cotangent.
 *
 * Everything is queued on the stages' backend; nothing is read back and nothing is allocated.
 *
 * @param i Number of the iteration, from 0: the counter of the random draws.
 */
export async function step(stages: Stages, draws: Draws, i: number): Promise<void> {
  const { parametrization, compositor, loss, regularizer, optimizer } = stages;

  // parametrize: α = σ(Bⁿθ), with θ a raster or f_φ(uv)
  await parametrization.forward();
  // composite: x̂ = αx + (1−α)b, resized to the model's picture
  compositor.forward(parametrization.alpha, draws.background(i));
  // loss: x̂̄ = ∂L/∂x̂ of score distillation, which encodes, adds noise, predicts it and guides
  // (diffusion/score_distillation.ts)
  await loss.evaluate(compositor.blended, draws, i);
  // ᾱ = Σ_c x̂̄_c (x_c − b_c)
  compositor.adjoint(loss.imageCotangent);
  // regularise: ᾱ += λ, the gradient of L_α = λ Σ α; prompts that compete add theirs
  regularizer.adjoint(parametrization.alpha, compositor.alphaCotangent);
  // θ̄ = Bᵀⁿ(ᾱ·α(1−α)), and φ̄ = J_fᵀ θ̄
  await parametrization.adjoint(compositor.alphaCotangent);
  // step: θ ← θ − ηθ̄, or φ ← φ − ηφ̄
  optimizer.step();
}
