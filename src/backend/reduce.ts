import code from "../../shaders/sum.wgsl" with { type: "text" };
import { type Kernel, WORKGROUP_SIZE } from "./kernel.ts";

/** Partial sums of a workgroup's lanes. */
const lanes = new Float32Array(WORKGROUP_SIZE);

/**
 * Sum of every plane, by one workgroup each, in a fixed order that the twin follows: the same
 * elements give the same sum.
 *
 *     lane_l = Σ_k x_(l + 64 k),   then lane_l += lane_(l + h) for h = 32, 16, … 1
 *
 * - `x`: `(planes, count)`
 * - `result`: `(planes)`
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(2);
 * kernels.sum.twin({ x: new Float32Array([1, 2, 3, 4]), result }, { planes: 2, count: 2 });
 * console.assert(result.join() === "3,7");
 * ```
 */
export const sum: Kernel<"x" | "result", "planes" | "count"> = {
  name: "sum",
  wgsl: code,
  bindings: { x: "read", result: "read_write" },
  uniforms: { planes: "u32", count: "u32" },
  invocations: (u) => u.planes * WORKGROUP_SIZE,
  twin({ x, result }, { planes, count }) {
    for (let plane = 0; plane < planes; plane++) {
      lanes.fill(0);
      for (let row = 0; row < count; row += WORKGROUP_SIZE) {
        const width = Math.min(WORKGROUP_SIZE, count - row);
        for (let lane = 0; lane < width; lane++) lanes[lane] += x[plane * count + row + lane];
      }
      for (let half = WORKGROUP_SIZE / 2; half >= 1; half /= 2) {
        for (let lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
      }
      result[plane] = lanes[0];
    }
  },
};
