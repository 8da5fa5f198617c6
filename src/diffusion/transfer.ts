import code from "../../shaders/transfer.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/** The value of `clip` that bounds nothing: the largest 32-bit number. */
export const NO_CLIP = 3.4028234663852886e38;

/**
 * One deterministic move of latents from timestep t to t′, along a combination of estimates of their
 * noise: equation 12 of Song et al. 2021 (DDIM) without its random part, which is also the *transfer
 * part* φ of Liu et al. 2022 (PNDM, equation 11).
 *
 *     e = Σ_k weight_k · noise_k
 *     ẑ_0 = clamp((start − √(1 − ᾱ_t) e) / √ᾱ_t, ±clip)
 *     result = √ᾱ_t′ ẑ_0 + √(1 − ᾱ_t′) e
 *
 * - `start`: `(count)`, z_t
 * - `noise0`…`noise3`: `(count)`, estimates of ε, the latest first; one of weight 0 may be any finite
 *   tensor
 * - `result`: `(count)`, z_t′
 * - `batch`: `(2, count)`, the same twice, as the U-Net takes it for classifier-free guidance
 * - `signal`, `sigma`: √ᾱ_t above 0, and √(1 − ᾱ_t); `nextSignal`, `nextSigma`: the same at t′
 * - `clip`: bound of ẑ_0; 3.4·10³⁸ bounds nothing
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const none = new Float32Array(1), result = new Float32Array(1), batch = new Float32Array(2);
 * const noise = { noise0: new Float32Array([0.5]), noise1: none, noise2: none, noise3: none };
 * const weights = { weight0: 1, weight1: 0, weight2: 0, weight3: 0 };
 * const levels = { signal: 0.6, sigma: 0.8, nextSignal: 1, nextSigma: 0, clip: 100 };
 * const buffers = { start: new Float32Array([1]), ...noise, result, batch };
 * kernels.transfer.twin(buffers, { count: 1, ...weights, ...levels });
 * console.assert(Math.abs(result[0] - (1 - 0.8 * 0.5) / 0.6) < 1e-6);
 * ```
 */
export const transfer: Kernel<
  "start" | "noise0" | "noise1" | "noise2" | "noise3" | "result" | "batch",
  | "count"
  | "weight0"
  | "weight1"
  | "weight2"
  | "weight3"
  | "signal"
  | "sigma"
  | "nextSignal"
  | "nextSigma"
  | "clip"
> = {
  name: "transfer",
  wgsl: code,
  bindings: {
    start: "read",
    noise0: "read",
    noise1: "read",
    noise2: "read",
    noise3: "read",
    result: "read_write",
    batch: "read_write",
  },
  uniforms: {
    count: "u32",
    weight0: "f32",
    weight1: "f32",
    weight2: "f32",
    weight3: "f32",
    signal: "f32",
    sigma: "f32",
    nextSignal: "f32",
    nextSigma: "f32",
    clip: "f32",
  },
  invocations: (u) => u.count,
  twin({ start, noise0, noise1, noise2, noise3, result, batch }, u) {
    for (let i = 0; i < u.count; i++) {
      const e = u.weight0 * noise0[i] + u.weight1 * noise1[i] + u.weight2 * noise2[i] +
        u.weight3 * noise3[i];
      const clean = Math.min(u.clip, Math.max(-u.clip, (start[i] - u.sigma * e) / u.signal));
      result[i] = u.nextSignal * clean + u.nextSigma * e;
      batch[i] = result[i];
      batch[u.count + i] = result[i];
    }
  },
};
