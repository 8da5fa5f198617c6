import code from "../../shaders/regularize.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * Cotangent of the regulariser `L_α = λ Σ_i α_i`, which keeps masks small, added in place:
 *
 *     cotangent += λ
 *
 * - `cotangent`: `count` elements, the cotangent of the masks
 * - `lambda`: λ, the weight of the regulariser
 *
 * @example
 * ```ts
 * import { regularize } from "./regularize.ts";
 *
 * const cotangent = new Float32Array([1, 2]);
 * regularize.twin({ cotangent }, { count: 2, lambda: 0.5 });
 * console.assert(cotangent[1] === 2.5);
 * ```
 */
export const regularize: Kernel<"cotangent", "count" | "lambda"> = {
  name: "regularize",
  wgsl: code,
  bindings: { cotangent: "read_write" },
  uniforms: { count: "u32", lambda: "f32" },
  invocations: (u) => u.count,
  twin({ cotangent }, { count, lambda }) {
    for (let i = 0; i < count; i++) cotangent[i] += lambda;
  },
};
