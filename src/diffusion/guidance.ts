import code from "../../shaders/guide.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * *Classifier-free guidance* and the residual of score distillation, the cotangent of the latents:
 *
 *     p = p_u + guidanceScale · (p_c − p_u)
 *     ε̂ = predictionScale · p + noisyScale · z_t
 *     result = weight · (ε̂ − ε)
 *
 * - `prediction`: `(2 · planes, count)`, the U-Net's output: p_u of every prompt, then p_c of every
 *   prompt
 * - `noisy`: `(2 · planes, count)`, z_t, both halves alike
 * - `noise`: `(count)`, ε, shared by all prompts
 * - `result`: `(planes, count)`
 * - `weight`: w(t)
 * - `predictionScale`, `noisyScale`: 1 and 0 for a network that predicts ε; √ᾱ_t and √(1 − ᾱ_t) for
 *   one that predicts v = √ᾱ_t ε − √(1 − ᾱ_t) z (Salimans and Ho, 2022)
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(1);
 * const prediction = new Float32Array([1, 3]), noisy = new Float32Array(2);
 * const uniforms = { guidanceScale: 10, weight: 0.5, predictionScale: 1, noisyScale: 0 };
 * const buffers = { prediction, noisy, noise: new Float32Array([1]), result };
 * kernels.guide.twin(buffers, { planes: 1, count: 1, ...uniforms });
 * console.assert(result[0] === 0.5 * (1 + 10 * (3 - 1) - 1));
 * ```
 */
export const guide: Kernel<
  "prediction" | "noisy" | "noise" | "result",
  "planes" | "count" | "guidanceScale" | "weight" | "predictionScale" | "noisyScale"
> = {
  name: "guide",
  wgsl: code,
  bindings: { prediction: "read", noisy: "read", noise: "read", result: "read_write" },
  uniforms: {
    planes: "u32",
    count: "u32",
    guidanceScale: "f32",
    weight: "f32",
    predictionScale: "f32",
    noisyScale: "f32",
  },
  invocations: (u) => u.planes * u.count,
  twin({ prediction, noisy, noise, result }, u) {
    const size = u.planes * u.count;
    for (let i = 0; i < size; i++) {
      const unconditional = prediction[i];
      const guided = unconditional + u.guidanceScale * (prediction[size + i] - unconditional);
      const estimate = u.predictionScale * guided + u.noisyScale * noisy[i];
      result[i] = u.weight * (estimate - noise[i % u.count]);
    }
  },
};
