import code from "../../shaders/adam.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * Adam, in place, its step k = 1, 2, … (Kingma and Ba, 2015; PyTorch's `Adam`):
 *
 *     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *     θ ← θ − η · (m / correction1) / (√(v / correction2) + ε)
 *
 * - `parameters` (θ), `gradient` (g), `firstMoment` (m) and `secondMoment` (v, both zero at first):
 *   `count` elements
 * - `learningRate`: η
 * - `beta1`, `beta2`: β₁, β₂ in 0..1
 * - `epsilon`: ε > 0
 * - `correction1`, `correction2`: 1 − β₁ᵏ and 1 − β₂ᵏ
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const parameters = new Float32Array([1]), gradient = new Float32Array([-3]);
 * const firstMoment = new Float32Array(1), secondMoment = new Float32Array(1);
 * const betas = { beta1: 0.9, beta2: 0.999, correction1: 1 - 0.9, correction2: 1 - 0.999 };
 * const uniforms = { count: 1, learningRate: 0.5, epsilon: 1e-8, ...betas };
 * kernels.adam.twin({ parameters, gradient, firstMoment, secondMoment }, uniforms);
 * // The first step is η against the gradient's sign.
 * console.assert(Math.abs(parameters[0] - 1.5) < 1e-6);
 * ```
 */
export const adam: Kernel<
  "parameters" | "gradient" | "firstMoment" | "secondMoment",
  "count" | "learningRate" | "beta1" | "beta2" | "epsilon" | "correction1" | "correction2"
> = {
  name: "adam",
  wgsl: code,
  bindings: {
    parameters: "read_write",
    gradient: "read",
    firstMoment: "read_write",
    secondMoment: "read_write",
  },
  uniforms: {
    count: "u32",
    learningRate: "f32",
    beta1: "f32",
    beta2: "f32",
    epsilon: "f32",
    correction1: "f32",
    correction2: "f32",
  },
  invocations: (u) => u.count,
  twin({ parameters, gradient, firstMoment, secondMoment }, u) {
    for (let i = 0; i < u.count; i++) {
      const g = gradient[i];
      const m = u.beta1 * firstMoment[i] + (1 - u.beta1) * g;
      const v = u.beta2 * secondMoment[i] + (1 - u.beta2) * g * g;
      firstMoment[i] = m;
      secondMoment[i] = v;
      parameters[i] -= u.learningRate * (m / u.correction1) /
        (Math.sqrt(v / u.correction2) + u.epsilon);
    }
  },
};
