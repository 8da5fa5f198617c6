import code from "../../shaders/sgd.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * Stochastic gradient descent with momentum, in place (PyTorch's `SGD`, no dampening):
 *
 *     v ← μ v + g,   θ ← θ − η v
 *
 * - `parameters` (θ), `gradient` (g), `velocity` (v, zero at first): `count` elements
 * - `learningRate`: η
 * - `momentum`: μ in 0..1
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const parameters = new Float32Array([1]), velocity = new Float32Array([4]);
 * const uniforms = { count: 1, learningRate: 0.25, momentum: 0.5 };
 * kernels.sgd.twin({ parameters, gradient: new Float32Array([2]), velocity }, uniforms);
 * console.assert(velocity[0] === 4 && parameters[0] === 0);
 * ```
 */
export const sgd: Kernel<
  "parameters" | "gradient" | "velocity",
  "count" | "learningRate" | "momentum"
> = {
  name: "sgd",
  wgsl: code,
  bindings: { parameters: "read_write", gradient: "read", velocity: "read_write" },
  uniforms: { count: "u32", learningRate: "f32", momentum: "f32" },
  invocations: (u) => u.count,
  twin({ parameters, gradient, velocity }, { count, learningRate, momentum }) {
    for (let i = 0; i < count; i++) {
      velocity[i] = momentum * velocity[i] + gradient[i];
      parameters[i] -= learningRate * velocity[i];
    }
  },
};
