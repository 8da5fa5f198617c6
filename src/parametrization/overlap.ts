import code from "../../shaders/overlap_adjoint.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * Cotangent of the penalty on overlapping masks `L = κ Σ_pixels Σ_{i<j} α_i·α_j`, which makes prompts
 * compete for pixels, added in place:
 *
 *     cotangent_i += κ Σ_{j≠i} α_j
 *
 * - `alpha`: the masks, (planes, pixels), 0..1
 * - `cotangent`: theirs, (planes, pixels)
 * - `weight`: κ
 *
 * @example
 * ```ts
 * import { overlapAdjoint } from "./overlap.ts";
 *
 * const alpha = Float32Array.of(1, 0.25);
 * const cotangent = new Float32Array(2);
 * overlapAdjoint.twin({ alpha, cotangent }, { planes: 2, pixels: 1, weight: 4 });
 * console.assert(cotangent.join() === "1,4");
 * ```
 */
export const overlapAdjoint: Kernel<"alpha" | "cotangent", "planes" | "pixels" | "weight"> = {
  name: "overlapAdjoint",
  wgsl: code,
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
