import weightsCode from "../../shaders/bilateral_weights.wgsl" with { type: "text" };
import blurCode from "../../shaders/blur.wgsl" with { type: "text" };
import blurAdjointCode from "../../shaders/blur_adjoint.wgsl" with { type: "text" };
import type { Backend, Tensor } from "../backend/backend.ts";
import type { Kernel } from "../backend/kernel.ts";

/**
 * Weights of the *modified bilateral filter* `B`, computed once from a guide image with any number of
 * channels. Pixel i has the weight w_ij for each of its 3×3 neighbours j inside the image, itself
 * included:
 *
 *     w_ij = e_ij / Σ_j e_ij,   e_ij = exp(−|i − j|² / 2σ²) · exp(−½ (‖guide_i − guide_j‖₂ / τ)²)
 *
 * - `guide`: `(channels, height, width)`, usually 0..1
 * - `weights`: `(9, height, width)`, row-major over the 3×3 neighbours, 0 for those outside the image
 * - `sigma`: spatial width in pixels, > 0
 * - `tau`: width in the guide's own units, > 0
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const weights = new Float32Array(9 * 2);
 * const guide = new Float32Array([0, 1]);
 * const uniforms = { channels: 1, height: 1, width: 2, sigma: 5, tau: 0.08 };
 * kernels.bilateralWeights.twin({ guide, weights }, uniforms);
 * // An edge of 1 is far larger than τ: each pixel keeps its own value.
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
 * import { kernels } from "../../mod.ts";
 *
 * const weights = new Float32Array(9 * 2);
 * weights.set([0.5, 0.5], 4 * 2); // each pixel itself
 * weights.set([0.5, 0], 5 * 2); // the left pixel's right neighbour
 * weights.set([0, 0.5], 3 * 2); // the right pixel's left neighbour
 * const y = new Float32Array(2);
 * kernels.blur.twin({ weights, x: new Float32Array([0, 1]), y }, { planes: 1, height: 1, width: 2 });
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
 * Adjoint of {@link blur}, `result = Bᵀ cotangent`. It gathers: if i is j's neighbour k, then j is i's
 * neighbour 8 − k.
 *
 *     result_j = Σ_i w_ij cotangent_i
 *
 * - `weights`: `(9, height, width)` from {@link bilateralWeights}
 * - `cotangent`, `result`: `(planes, height, width)`, two different tensors
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const weights = new Float32Array(9 * 2);
 * weights.set([1, 0.5], 4 * 2); // each pixel itself
 * weights.set([0, 0.5], 3 * 2); // the right pixel's left neighbour
 * const result = new Float32Array(2);
 * const cotangent = new Float32Array([0, 1]);
 * kernels.blurAdjoint.twin({ weights, cotangent, result }, { planes: 1, height: 1, width: 2 });
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
 * Applies to every plane a nine-point stencil that has weights of its own at each pixel:
 *
 *     y_i = Σ_k weights[at(k, step_k) + i] · x[i + step_k],   step_k = (⌊k / 3⌋ − 1) · width + k % 3 − 1
 *
 * A step past the left or right border lands on the neighbouring row, where the weight must be 0.
 * So only a plane's first and last `width + 1` pixels need their steps tested.
 *
 * @param weights Nine planes of weights, 0 for the neighbours outside the image.
 * @param x `(planes, height, width)`.
 * @param y `(planes, height, width)`, overwritten.
 * @param at Index of pixel 0's weight for neighbour k.
 */
function stencil(
  weights: Float32Array,
  x: Float32Array,
  y: Float32Array,
  { planes, height, width }: Readonly<Record<"planes" | "height" | "width", number>>,
  at: (k: number, step: number) => number,
) {
  const pixels = height * width;
  const begin = Math.min(width + 1, pixels), end = Math.max(begin, pixels - width - 1);
  const w0 = at(0, -width - 1), w1 = at(1, -width), w2 = at(2, -width + 1);
  const w3 = at(3, -1), w4 = at(4, 0), w5 = at(5, 1);
  const w6 = at(6, width - 1), w7 = at(7, width), w8 = at(8, width + 1);
  for (let plane = 0; plane < planes * pixels; plane += pixels) {
    const tested = (i: number) => {
      let sum = 0;
      for (let k = 0; k < 9; k++) {
        const step = ((k - k % 3) / 3 - 1) * width + k % 3 - 1;
        if (i + step < 0 || i + step >= pixels) continue;
        sum += weights[at(k, step) + i] * x[plane + i + step];
      }
      y[plane + i] = sum;
    };
    for (let i = 0; i < begin; i++) tested(i);
    for (let i = end; i < pixels; i++) tested(i);
    // Loading each pixel once per row, for three steps, nearly halves the time.
    let j = plane + begin;
    let x0 = x[j - width - 1], x1 = x[j - width];
    let x3 = x[j - 1], x4 = x[j];
    let x6 = x[j + width - 1], x7 = x[j + width];
    for (let i = begin; i < end; i++, j++) {
      const x2 = x[j - width + 1], x5 = x[j + 1], x8 = x[j + width + 1];
      y[j] = weights[w0 + i] * x0 + weights[w1 + i] * x1 + weights[w2 + i] * x2 +
        (weights[w3 + i] * x3 + weights[w4 + i] * x4 + weights[w5 + i] * x5) +
        (weights[w6 + i] * x6 + weights[w7 + i] * x7 + weights[w8 + i] * x8);
      x0 = x1, x1 = x2, x3 = x4, x4 = x5, x6 = x7, x7 = x8;
    }
  }
}

/**
 * Runs n passes of the filter, `Bⁿ x`, and alternates between two work tensors, so that it neither
 * reads back nor allocates.
 *
 * @param weights `(9, height, width)` from {@link bilateralWeights}.
 * @param x `(planes, height, width)`; unchanged, unless it is also the second work tensor.
 * @param work Two tensors of `x`'s shape; the second may be `x` itself.
 * @param times Number of passes n ≥ 0.
 * @returns The tensor that holds the result: `x` for 0 passes, the first work tensor for an odd
 * number, the second for an even one.
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

/** Adjoint of {@link blurRepeatedly}, `(Bᵀ)ⁿ cotangent`; its tensors follow the same rules. */
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
