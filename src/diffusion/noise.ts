import code from "../../shaders/add_noise.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * Diffuses every prompt's latents forward to timestep t, and writes them twice: the first half of the
 * U-Net's batch is the unconditional one, the second the conditional one.
 *
 *     result_p = result_(planes + p) = √ᾱ_t · latents_p + √(1 − ᾱ_t) · noise
 *
 * - `latents`: `(planes, count)`
 * - `noise`: `(count)`, standard normal, shared by all prompts
 * - `result`: `(2 · planes, count)`
 * - `signal`, `sigma`: √ᾱ_t and √(1 − ᾱ_t), with ᾱ_t the noise schedule's `alphasCumprod[t]`
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(2);
 * const latents = new Float32Array([2]), noise = new Float32Array([1]);
 * const uniforms = { planes: 1, count: 1, signal: 0.75, sigma: 0.5 };
 * kernels.addNoise.twin({ latents, noise, result }, uniforms);
 * console.assert(result[0] === 2 && result[1] === 2);
 * ```
 */
export const addNoise: Kernel<
  "latents" | "noise" | "result",
  "planes" | "count" | "signal" | "sigma"
> = {
  name: "addNoise",
  wgsl: code,
  bindings: { latents: "read", noise: "read", result: "read_write" },
  uniforms: { planes: "u32", count: "u32", signal: "f32", sigma: "f32" },
  invocations: (u) => 2 * u.planes * u.count,
  twin({ latents, noise, result }, { planes, count, signal, sigma }) {
    for (let p = 0; p < planes; p++) {
      for (let i = 0; i < count; i++) {
        result[p * count + i] = signal * latents[p * count + i] + sigma * noise[i];
      }
    }
    result.copyWithin(planes * count, 0, planes * count);
  },
};
