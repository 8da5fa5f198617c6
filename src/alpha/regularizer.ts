import type { Backend, Tensor } from "../backend/backend.ts";
import { regularize } from "./regularize.ts";

/** The stage *regularise*: a penalty on α, without which a mask would cover everything. */
export interface Regularizer {
  /** Adds the penalty's gradient to ᾱ (P, H, W). */
  adjoint(alphaCotangent: Tensor): void;
}

/**
 * The paper's penalty L_α = λ Σ_i α_i, whose gradient is λ in every pixel.
 *
 * @param lambda λ, in the units of ᾱ: it is coupled to guidance, encoder and pixel count.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { createRegularizer } from "./regularizer.ts";
 *
 * await using backend = await createCpuBackend();
 * using cotangent = backend.tensor([1, 1, 1], new Float32Array([1]));
 * createRegularizer(backend, 0.5).adjoint(cotangent);
 * console.assert((await backend.read(cotangent))[0] === 1.5);
 * ```
 */
export function createRegularizer(backend: Backend, lambda: number): Regularizer {
  return {
    adjoint: (cotangent) =>
      backend.dispatch(regularize, { cotangent }, { count: cotangent.size, lambda }),
  };
}
