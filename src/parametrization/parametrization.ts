import type { Tensor } from "../backend/backend.ts";

/** An optimised tensor and the cotangent that the optimiser steps against. */
export interface Parameter {
  /** θ (or φ, for a network). */
  readonly value: Tensor;
  /** θ̄, of the same shape; {@link Parametrization.adjoint} writes it. */
  readonly cotangent: Tensor;
}

/**
 * The stage *parametrize*: computes the alpha masks from the parameters. It computes P masks, one per
 * prompt, side by side, and they never mix.
 */
export interface Parametrization extends Disposable {
  /** The tensors that the optimiser changes. */
  readonly parameters: readonly Parameter[];
  /** α (P, H, W), 0..1; {@link forward} writes it. */
  readonly alpha: Tensor;
  /** Computes α from the parameters; asynchronous where a network runs. */
  forward(): void | Promise<void>;
  /** Computes the parameters' cotangents from ᾱ (P, H, W). */
  adjoint(alphaCotangent: Tensor): void | Promise<void>;
}

/**
 * Repeats values (n) to (times · n): parameters start alike for every prompt, so that the mask of one
 * prompt does not depend on the others.
 */
export function repeat(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(values.length * times);
  for (let k = 0; k < times; k++) result.set(values, k * values.length);
  return result;
}
