import code from "../../shaders/resize.wgsl" with { type: "text" };
import adjointCode from "../../shaders/resize_adjoint.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

const UNIFORMS = {
  planes: "u32",
  inHeight: "u32",
  inWidth: "u32",
  outHeight: "u32",
  outWidth: "u32",
} as const;

/**
 * Bilinear resize of every plane, half-pixel centres, clamped at the borders, no antialiasing
 * (PyTorch's `interpolate(mode="bilinear", align_corners=False)`). Along one axis:
 *
 *     s = clamp((o + ½) · in / out − ½, 0, in − 1),   f = s − ⌊s⌋
 *     y_o = (1 − f) x_⌊s⌋ + f x_⌊s⌋₊₁
 *
 * - `x`: `(planes, inHeight, inWidth)`
 * - `y`: `(planes, outHeight, outWidth)`
 *
 * Sides may be up to 32768.
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const y = new Float32Array(4);
 * const sizes = { planes: 1, inHeight: 1, inWidth: 2, outHeight: 1, outWidth: 4 };
 * kernels.resize.twin({ x: new Float32Array([0, 4]), y }, sizes);
 * console.assert(y.join() === "0,1,3,4");
 * ```
 */
export const resize: Kernel<
  "x" | "y",
  "planes" | "inHeight" | "inWidth" | "outHeight" | "outWidth"
> = {
  name: "resize",
  wgsl: code,
  bindings: { x: "read", y: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => u.planes * u.outHeight * u.outWidth,
  twin({ x, y }, { planes, inHeight, inWidth, outHeight, outWidth }) {
    let o = 0;
    for (let row = 0; row < planes * outHeight; row++) {
      const plane = Math.floor(row / outHeight) * inHeight;
      const sy = source(row % outHeight, inHeight, outHeight), top = Math.floor(sy), fy = sy - top;
      const upper = (plane + top) * inWidth;
      const lower = (plane + Math.min(top + 1, inHeight - 1)) * inWidth;
      for (let column = 0; column < outWidth; column++, o++) {
        const sx = source(column, inWidth, outWidth), left = Math.floor(sx), fx = sx - left;
        const right = Math.min(left + 1, inWidth - 1);
        y[o] = (1 - fy) * ((1 - fx) * x[upper + left] + fx * x[upper + right]) +
          fy * ((1 - fx) * x[lower + left] + fx * x[lower + right]);
      }
    }
  },
};

/**
 * Adjoint of {@link resize}, its exact transpose. The uniforms are those of the forward: `in` is
 * the size of the result, `out` that of the cotangent.
 *
 *     result_i = Σ_o max(0, 1 − |s_o − i|) · cotangent_o,   along each axis
 *
 * - `cotangent`: `(planes, outHeight, outWidth)`
 * - `result`: `(planes, inHeight, inWidth)`
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(2);
 * const sizes = { planes: 1, inHeight: 1, inWidth: 2, outHeight: 1, outWidth: 4 };
 * kernels.resizeAdjoint.twin({ cotangent: new Float32Array([1, 1, 1, 1]), result }, sizes);
 * console.assert(result.join() === "2,2");
 * ```
 */
export const resizeAdjoint: Kernel<
  "cotangent" | "result",
  "planes" | "inHeight" | "inWidth" | "outHeight" | "outWidth"
> = {
  name: "resizeAdjoint",
  wgsl: adjointCode,
  bindings: { cotangent: "read", result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => u.planes * u.inHeight * u.inWidth,
  // One thread can scatter, which is shorter than the shader's gather and gives the same sums.
  twin({ cotangent, result }, { planes, inHeight, inWidth, outHeight, outWidth }) {
    result.fill(0, 0, planes * inHeight * inWidth);
    let o = 0;
    for (let row = 0; row < planes * outHeight; row++) {
      const plane = Math.floor(row / outHeight) * inHeight;
      const sy = source(row % outHeight, inHeight, outHeight), top = Math.floor(sy), fy = sy - top;
      const upper = (plane + top) * inWidth;
      const lower = (plane + Math.min(top + 1, inHeight - 1)) * inWidth;
      for (let column = 0; column < outWidth; column++, o++) {
        const sx = source(column, inWidth, outWidth), left = Math.floor(sx), fx = sx - left;
        const right = Math.min(left + 1, inWidth - 1);
        const above = (1 - fy) * cotangent[o], below = fy * cotangent[o];
        result[upper + left] += (1 - fx) * above;
        result[upper + right] += fx * above;
        result[lower + left] += (1 - fx) * below;
        result[lower + right] += fx * below;
      }
    }
  },
};

/** Where output `o` samples the input along one axis. */
function source(o: number, inside: number, out: number): number {
  // A quotient of integers, so that its floor is exact.
  return Math.min(inside - 1, Math.max(0, ((2 * o + 1) * inside - out) / (2 * out)));
}
