import type { Backend, Tensor } from "../backend/backend.ts";
import type { Settings } from "../settings/settings.ts";
import { overlapAdjoint } from "./overlap.ts";
import { regularize } from "./regularize.ts";

/** The stage *regularise*: a penalty on α, without which a mask would cover everything. */
export interface Regularizer {
  /** Adds the penalty's gradient at α (P, H, W) to ᾱ (P, H, W). */
  adjoint(alpha: Tensor, alphaCotangent: Tensor): void;
}

/**
 * κ / λ: how much dearer than any pixel is one that another mask has wholly. λ already fits the
 * model, and the two penalties have the same units.
 */
const OVERLAP_TO_AREA = 4;

/**
 * The paper's penalty L_α = λ Σ_i α_i, whose gradient is λ in every pixel. Where prompts compete,
 * each pair of masks adds κ Σ α_i·α_j, with κ = 4λ.
 *
 * @param settings λ, in the units of ᾱ (it is coupled to guidance, encoder and pixel count), and
 * whether prompts compete.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { createRegularizer } from "./regularizer.ts";
 *
 * await using backend = await createCpuBackend();
 * using alpha = backend.tensor([2, 1, 1], new Float32Array([1, 0.25]));
 * using cotangent = backend.tensor([2, 1, 1], new Float32Array(2));
 * createRegularizer(backend, { lambda: 0.5, exclusive: true }).adjoint(alpha, cotangent);
 * console.assert((await backend.read(cotangent)).join() === "1,2.5");
 * ```
 */
export function createRegularizer(
  backend: Backend,
  { lambda, exclusive }: Pick<Settings, "lambda" | "exclusive">,
): Regularizer {
  return {
    adjoint(alpha, cotangent) {
      backend.dispatch(regularize, { cotangent }, { count: cotangent.size, lambda });
      if (!exclusive) return;
      const [planes] = alpha.shape;
      const pixels = alpha.size / planes;
      const weight = OVERLAP_TO_AREA * lambda;
      backend.dispatch(overlapAdjoint, { alpha, cotangent }, { planes, pixels, weight });
    },
  };
}
