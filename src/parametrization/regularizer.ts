import overlapAdjointCode from "../../shaders/overlap_adjoint.wgsl" with { type: "text" };
import regularizeCode from "../../shaders/regularize.wgsl" with { type: "text" };
import type { Backend, Tensor } from "../backend/backend.ts";
import type { Kernel } from "../backend/kernel.ts";
import type { Settings } from "../settings/settings.ts";

/**
 * Adds the gradient of the penalty `L_α = λ Σ_i α_i`, which keeps masks small, in place:
 *
 *     cotangent += λ
 *
 * - `cotangent`: the masks' cotangent ᾱ, `count` elements
 * - `lambda`: λ, the weight of the penalty
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const cotangent = new Float32Array([1, 2]);
 * kernels.regularize.twin({ cotangent }, { count: 2, lambda: 0.5 });
 * console.assert(cotangent[1] === 2.5);
 * ```
 */
export const regularize: Kernel<"cotangent", "count" | "lambda"> = {
  name: "regularize",
  wgsl: regularizeCode,
  bindings: { cotangent: "read_write" },
  uniforms: { count: "u32", lambda: "f32" },
  invocations: (u) => u.count,
  twin({ cotangent }, { count, lambda }) {
    for (let i = 0; i < count; i++) cotangent[i] += lambda;
  },
};

/**
 * Adds the gradient of the penalty on overlapping masks `L = κ Σ_pixels Σ_{i<j} α_i·α_j`, which makes
 * prompts compete for pixels, in place:
 *
 *     cotangent_i += κ Σ_{j≠i} α_j
 *
 * - `alpha`: the masks, (planes, pixels), 0..1
 * - `cotangent`: the masks' cotangent ᾱ, (planes, pixels)
 * - `weight`: κ
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const alpha = Float32Array.of(1, 0.25);
 * const cotangent = new Float32Array(2);
 * kernels.overlapAdjoint.twin({ alpha, cotangent }, { planes: 2, pixels: 1, weight: 4 });
 * console.assert(cotangent.join() === "1,4");
 * ```
 */
export const overlapAdjoint: Kernel<"alpha" | "cotangent", "planes" | "pixels" | "weight"> = {
  name: "overlapAdjoint",
  wgsl: overlapAdjointCode,
  bindings: { alpha: "read", cotangent: "read_write" },
  uniforms: { planes: "u32", pixels: "u32", weight: "f32" },
  invocations: (u) => u.planes * u.pixels,
  twin({ alpha, cotangent }, { planes, pixels, weight }) {
    const count = planes * pixels;
    for (let i = 0; i < count; i++) {
      let others = 0;
      for (let j = i % pixels; j < count; j += pixels) if (j !== i) others += alpha[j];
      cotangent[i] += weight * others;
    }
  },
};

/** The stage *regularise*: a penalty on α, without which a mask would cover everything. */
export interface Regularizer {
  /** Adds the penalty's gradient at α (P, H, W) to ᾱ (P, H, W). */
  adjoint(alpha: Tensor, alphaCotangent: Tensor): void;
}

/**
 * κ / λ: a pixel that another mask covers fully costs this much more, in units of the cost λ of any
 * pixel. λ already fits the model, and both penalties have the same units.
 */
const OVERLAP_TO_AREA = 4;

/**
 * Creates the paper's penalty L_α = λ Σ_i α_i, whose gradient is λ in every pixel. Where prompts
 * compete, each pair of masks adds κ Σ α_i·α_j, with κ = 4λ.
 *
 * @param settings λ in the units of ᾱ, which depend on guidance, encoder and pixel count; and
 * `exclusive`, true if prompts compete.
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
