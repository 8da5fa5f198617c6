import code from "../../shaders/sigmoid.wgsl" with { type: "text" };
import adjointCode from "../../shaders/sigmoid_adjoint.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * Logistic sigmoid of every element:
 *
 *     y = σ(x) = 1 / (1 + exp(−x))
 *
 * - `x`, `y`: `count` elements; `y` in 0..1
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const y = new Float32Array(1);
 * kernels.sigmoid.twin({ x: new Float32Array([0]), y }, { count: 1 });
 * console.assert(y[0] === 0.5);
 * ```
 */
export const sigmoid: Kernel<"x" | "y", "count"> = {
  name: "sigmoid",
  wgsl: code,
  bindings: { x: "read", y: "read_write" },
  uniforms: { count: "u32" },
  invocations: (u) => u.count,
  twin({ x, y }, { count }) {
    for (let i = 0; i < count; i++) y[i] = 1 / (1 + Math.exp(-x[i]));
  },
};

/**
 * Adjoint of {@link sigmoid}, computed from the sigmoid's output:
 *
 *     result = cotangent · y (1 − y)
 *
 * - `y`: the sigmoid's output, `count` elements
 * - `cotangent`, `result`: `count` elements
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(1);
 * const y = new Float32Array([0.5]), cotangent = new Float32Array([8]);
 * kernels.sigmoidAdjoint.twin({ y, cotangent, result }, { count: 1 });
 * console.assert(result[0] === 2);
 * ```
 */
export const sigmoidAdjoint: Kernel<"y" | "cotangent" | "result", "count"> = {
  name: "sigmoidAdjoint",
  wgsl: adjointCode,
  bindings: { y: "read", cotangent: "read", result: "read_write" },
  uniforms: { count: "u32" },
  invocations: (u) => u.count,
  twin({ y, cotangent, result }, { count }) {
    for (let i = 0; i < count; i++) result[i] = cotangent[i] * y[i] * (1 - y[i]);
  },
};
