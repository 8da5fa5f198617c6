import weightsCode from "../../shaders/bilateral_weights.wgsl" with { type: "text" };
import blurCode from "../../shaders/blur.wgsl" with { type: "text" };
import blurAdjointCode from "../../shaders/blur_adjoint.wgsl" with { type: "text" };
import type { Backend, Tensor } from "../backend/backend.ts";
import type { Kernel } from "../backend/kernel.ts";
import { stencil } from "./stencil.ts";

/**
 * Weights of the *modified bilateral filter* `B`, computed once from a guide image of any number of
 * channels, for pixel i and its 3×3 neighbours j inside the image (i included):
 *
 *     w_ij = e_ij / Σ_j e_ij,   e_ij = exp(−|i − j|² / 2σ²) · exp(−½ (‖guide_i − guide_j‖₂ / τ)²)
 *
 * - `guide`: `(channels, height, width)`, usually 0..1
 * - `weights`: `(9, height, width)`, row-major over the 3×3 neighbours, 0 for those out of the image
 * - `sigma`: spatial width in pixels, > 0
 * - `tau`: width in the guide's own units, > 0
 *
 * @example
 * ```ts
 * import { bilateralWeights } from "./bilateral.ts";
 *
 * const weights = new Float32Array(9 * 2);
 * const guide = new Float32Array([0, 1]);
 * const uniforms = { channels: 1, height: 1, width: 2, sigma: 5, tau: 0.08 };
 * bilateralWeights.twin({ guide, weights }, uniforms);
 * // An edge of 1 is far more than τ: each pixel keeps its own value.
 * console.assert(weights[4 * 2] === 1);
 * ```
 */
export const bilateralWeights: Kernel<
  "guide" | "weights",
  "channels" | "height" | "width" | "sigma" | "tau"
> = {
  name: "bilateralWeights",
  wgsl: weightsCode,
  bindings: { guide: "read", weights: "read_write" },
  uniforms: { channels: "u32", height: "u32", width: "u32", sigma: "f32", tau: "f32" },
  invocations: (u) => u.height * u.width,
  twin({ guide, weights }, { channels, height, width, sigma, tau }) {
    const pixels = height * width;
    for (let i = 0; i < pixels; i++) {
      const x = i % width, y = (i - x) / width;
      let total = 0;
      for (let k = 0; k < 9; k++) {
        const dx = k % 3 - 1, dy = (k - k % 3) / 3 - 1;
        let affinity = 0;
        if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height) {
          const j = i + dy * width + dx;
          let distance = 0;
          for (let c = 0; c < channels; c++) {
            distance += (guide[c * pixels + i] - guide[c * pixels + j]) ** 2;
          }
          const steps = dx * dx + dy * dy;
          affinity = Math.exp(-0.5 * (steps / (sigma * sigma) + distance / (tau * tau)));
        }
        weights[k * pixels + i] = affinity;
        total += affinity;
      }
      for (let k = 0; k < 9; k++) weights[k * pixels + i] /= total;
    }
  },
};

/**
 * One pass of the modified bilateral filter over every plane, `y = B x`:
 *
 *     y_i = Σ_j w_ij x_j
 *
 * - `weights`: `(9, height, width)` from {@link bilateralWeights}, shared by the planes
 * - `x`, `y`: `(planes, height, width)`, two different tensors
 *
 * @example
 * ```ts
 * import { blur } from "./bilateral.ts";
 *
 * const weights = new Float32Array(9 * 2);
 * weights.set([0.5, 0.5], 4 * 2); // each pixel itself
 * weights.set([0.5, 0], 5 * 2); // the left pixel's right neighbour
 * weights.set([0, 0.5], 3 * 2); // the right pixel's left neighbour
 * const y = new Float32Array(2);
 * blur.twin({ weights, x: new Float32Array([0, 1]), y }, { planes: 1, height: 1, width: 2 });
 * console.assert(y[0] === 0.5 && y[1] === 0.5);
 * ```
 */
export const blur: Kernel<"weights" | "x" | "y", "planes" | "height" | "width"> = {
  name: "blur",
  wgsl: blurCode,
  bindings: { weights: "read", x: "read", y: "read_write" },
  uniforms: { planes: "u32", height: "u32", width: "u32" },
  invocations: (u) => u.planes * u.height * u.width,
  twin({ weights, x, y }, u) {
    const pixels = u.height * u.width;
    stencil(weights, x, y, u, (k) => k * pixels);
  },
};

/**
 * Adjoint of {@link blur}, `result = Bᵀ cotangent`, as a gather: if i is j's neighbour k, then j is
 * i's neighbour 8 − k.
 *
 *     result_j = Σ_i w_ij cotangent_i
 *
 * - `weights`: `(9, height, width)` from {@link bilateralWeights}
 * - `cotangent`, `result`: `(planes, height, width)`, two different tensors
 *
 * @example
 * ```ts
 * import { blurAdjoint } from "./bilateral.ts";
 *
 * const weights = new Float32Array(9 * 2);
 * weights.set([1, 0.5], 4 * 2); // each pixel itself
 * weights.set([0, 0.5], 3 * 2); // the right pixel's left neighbour
 * const result = new Float32Array(2);
 * const cotangent = new Float32Array([0, 1]);
 * blurAdjoint.twin({ weights, cotangent, result }, { planes: 1, height: 1, width: 2 });
 * console.assert(result[0] === 0.5 && result[1] === 0.5);
 * ```
 */
export const blurAdjoint: Kernel<
  "weights" | "cotangent" | "result",
  "planes" | "height" | "width"
> = {
  name: "blurAdjoint",
  wgsl: blurAdjointCode,
  bindings: { weights: "read", cotangent: "read", result: "read_write" },
  uniforms: { planes: "u32", height: "u32", width: "u32" },
  invocations: (u) => u.planes * u.height * u.width,
  twin({ weights, cotangent, result }, u) {
    const pixels = u.height * u.width;
    stencil(weights, cotangent, result, u, (k, step) => (8 - k) * pixels + step);
  },
};

/**
 * `times` passes of the filter, `Bⁿ x`, without a read-back or an allocation: the passes alternate
 * between two work tensors.
 *
 * @param weights `(9, height, width)` from {@link bilateralWeights}.
 * @param x `(planes, height, width)`; left as it is, unless it is also the second work tensor.
 * @param work Two tensors of `x`'s shape; the second may be `x` itself.
 * @param times Number of passes n ≥ 0.
 * @returns The tensor that holds the result: `x` for 0 passes, the first work tensor for an odd
 * number, the second for an even one.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { bilateralWeights, blurRepeatedly } from "./bilateral.ts";
 *
 * await using backend = await createCpuBackend();
 * using guide = backend.tensor([1, 8, 8]);
 * using weights = backend.tensor([9, 8, 8]);
 * const size = { channels: 1, height: 8, width: 8 };
 * backend.dispatch(bilateralWeights, { guide, weights }, { ...size, sigma: 5, tau: 0.08 });
 * using x = backend.tensor([1, 8, 8], new Float32Array(64).fill(3));
 * using scratch = backend.tensor([1, 8, 8]);
 * const result = blurRepeatedly(backend, weights, x, [scratch, x], 40);
 * console.assert(result === x);
 * console.assert(Math.abs((await backend.read(result))[9] - 3) < 1e-4);
 * ```
 */
export function blurRepeatedly(
  backend: Backend,
  weights: Tensor,
  x: Tensor,
  work: readonly [Tensor, Tensor],
  times: number,
): Tensor {
  const [planes, height, width] = x.shape;
  for (let pass = 0; pass < times; pass++) {
    const y = work[pass % 2];
    backend.dispatch(blur, { weights, x, y }, { planes, height, width });
    x = y;
  }
  return x;
}

/**
 * Adjoint of {@link blurRepeatedly}, `(Bᵀ)ⁿ cotangent`, with the same rules for its tensors.
 *
 * @param weights `(9, height, width)` from {@link bilateralWeights}.
 * @param cotangent `(planes, height, width)`; left as it is, unless also the second work tensor.
 * @param work Two tensors of the cotangent's shape; the second may be the cotangent itself.
 * @param times Number of passes n ≥ 0.
 * @returns The tensor that holds the result: the cotangent for 0 passes, the first work tensor for
 * an odd number, the second for an even one.
 *
 * @example
 * ```ts
 * import { createCpuBackend } from "../backend/cpu.ts";
 * import { blurRepeatedlyAdjoint } from "./bilateral.ts";
 *
 * await using backend = await createCpuBackend();
 * using weights = backend.tensor([9, 1, 1], new Float32Array([0, 0, 0, 0, 1, 0, 0, 0, 0]));
 * using cotangent = backend.tensor([1, 1, 1], new Float32Array([2]));
 * using first = backend.tensor([1, 1, 1]);
 * using second = backend.tensor([1, 1, 1]);
 * const result = blurRepeatedlyAdjoint(backend, weights, cotangent, [first, second], 3);
 * console.assert(result === first && (await backend.read(result))[0] === 2);
 * ```
 */
export function blurRepeatedlyAdjoint(
  backend: Backend,
  weights: Tensor,
  cotangent: Tensor,
  work: readonly [Tensor, Tensor],
  times: number,
): Tensor {
  const [planes, height, width] = cotangent.shape;
  for (let pass = 0; pass < times; pass++) {
    const result = work[pass % 2];
    backend.dispatch(blurAdjoint, { weights, cotangent, result }, { planes, height, width });
    cotangent = result;
  }
  return cotangent;
}
