import type { Tensor } from "../backend/backend.ts";

/** An optimised quantity and the cotangent that the optimiser steps against. */
export interface Parameter {
  /** θ (or φ, for a network). */
  readonly value: Tensor;
  /** θ̄, written by {@link Parametrization.adjoint}; same shape. */
  readonly cotangent: Tensor;
}

/**
 * The stage *parametrize*: how the alpha masks follow from what is optimised. P masks, one a
 * prompt, are computed side by side and never mix.
 */
export interface Parametrization extends Disposable {
  /** What the optimiser changes. */
  readonly parameters: readonly Parameter[];
  /** α (P, H, W), 0..1, written by {@link forward}. */
  readonly alpha: Tensor;
  /** α from the parameters; a promise where a network is run. */
  forward(): void | Promise<void>;
  /** The parameters' cotangents from ᾱ (P, H, W). */
  adjoint(alphaCotangent: Tensor): void | Promise<void>;
}
