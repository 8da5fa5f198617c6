import type { Parametrization } from "./parametrization/parametrization.ts";
import type { Planes } from "./parametrization/planes.ts";
import type { Regularizer } from "./parametrization/regularizer.ts";
import type { Tensor } from "./backend/backend.ts";
import type { Draws } from "./diffusion/draws.ts";
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

/** The stage *composite*: what the masks show, and what is seen where they show nothing. */
export interface Composition extends Disposable {
  /** x̂ (P, 3, M, M), 0..1, written by {@link forward}. */
  readonly blended: Tensor;
  /** ᾱ, of the masks' shape, written by {@link adjoint}. */
  readonly alphaCotangent: Tensor;
  /** x̄, of the pictures' shape, written by {@link adjoint} if they are optimised too. */
  readonly imageCotangent?: Tensor | undefined;
  /** x̂ from α and the background colour b, 0..1. */
  forward(alpha: Tensor, background: readonly [red: number, green: number, blue: number]): void;
  /** ᾱ, and x̄, from x̂̄ (P, 3, M, M), at the last {@link forward}. */
  adjoint(blendedCotangent: Tensor): void;
}

/** The stages of one optimisation, with their tensors; made once, before the first iteration. */
export interface Stages {
  /** θ, or φ, → α. */
  readonly parametrization: Parametrization;
  /** φ_x → x, where the pictures are optimised too rather than given. */
  readonly pictures?: Planes | undefined;
  /** α, x → x̂. */
  readonly compositor: Composition;
  /** x̂ → x̂̄. */
  readonly loss: Loss;
  /** The penalty on α. */
  readonly regularizer: Regularizer;
  /** θ against θ̄, or φ against φ̄; those of the pictures too. */
  readonly optimizer: Optimizer;
}

/**
 * One iteration of Peekaboo (Burgert et al. 2022, Algorithm 1): the alpha masks α of P prompts on one
 * picture are moved so that the picture, blended over a random colour through each, looks more like
 * the prompt. Where the pictures are made rather than given (Algorithm 2), they are moved with their
 * masks. A bar is a cotangent.
 *
 * Everything is queued on the stages' backend; nothing is read back and nothing is allocated.
 *
 * @param i Number of the iteration, from 0: the counter of the random draws.
 */
export async function step(stages: Stages, draws: Draws, i: number): Promise<void> {
  const { parametrization, pictures, compositor, loss, regularizer, optimizer } = stages;

  // parametrize: α = σ(Bⁿθ), with θ a raster or f_φ(uv)
  await parametrization.forward();
  // Algorithm 2: x = σ(f_φ(uv)) too
  await pictures?.forward();
  // composite: x̂ = αx + (1−α)b, resized to the model's picture
  compositor.forward(parametrization.alpha, draws.background(i));
  // loss: x̂̄ = ∂L/∂x̂ of score distillation, which encodes, adds noise, predicts it and guides
  // (diffusion/score_distillation.ts), or of minus CLIP's logit (clip/clip_loss.ts)
  await loss.evaluate(compositor.blended, draws, i);
  // ᾱ = Σ_c x̂̄_c (x_c − b_c), and in Algorithm 2 x̄ = αx̂̄
  compositor.adjoint(loss.imageCotangent);
  // regularise: ᾱ += λ, the gradient of L_α = λ Σ α; prompts that compete add theirs
  regularizer.adjoint(parametrization.alpha, compositor.alphaCotangent);
  // θ̄ = Bᵀⁿ(ᾱ·α(1−α)), and φ̄ = J_fᵀ θ̄
  await parametrization.adjoint(compositor.alphaCotangent);
  await pictures?.adjoint(compositor.imageCotangent!);
  // step: θ ← θ − ηθ̄, or φ ← φ − ηφ̄
  optimizer.step();
}
