import code from "../../shaders/similarity.wgsl" with { type: "text" };
import adjointCode from "../../shaders/similarity_adjoint.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

/**
 * CLIP's logit (Radford et al. 2021, figure 3): the cosine similarity of each image with its text,
 * scaled.
 *
 *     result_p = scale · ⟨e_p, t_p⟩ / ‖e_p‖
 *
 * - `embeds`: e, the images' embeddings, `(planes, width)`
 * - `texts`: t, the texts', `(planes, width)`, of length 1
 * - `result`: `(planes)`
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(1);
 * const embeds = Float32Array.of(3, 4), texts = Float32Array.of(1, 0);
 * kernels.similarity.twin({ embeds, texts, result }, { planes: 1, width: 2, scale: 100 });
 * console.assert(result[0] === 60);
 * ```
 */
export const similarity: Kernel<"embeds" | "texts" | "result", "planes" | "width" | "scale"> = {
  name: "similarity",
  wgsl: code,
  bindings: { embeds: "read", texts: "read", result: "read_write" },
  uniforms: { planes: "u32", width: "u32", scale: "f32" },
  invocations: (u) => u.planes,
  twin({ embeds, texts, result }, { planes, width, scale }) {
    for (let p = 0; p < planes; p++) {
      const { product, square } = products(embeds, texts, p * width, width);
      result[p] = scale * product / Math.sqrt(square);
    }
  },
};

/**
 * Adjoint of {@link similarity} with respect to the images' embeddings:
 *
 *     result_p = scale · cotangent_p / ‖e_p‖ · (t_p − ⟨e_p, t_p⟩ / ‖e_p‖² · e_p)
 *
 * - `embeds`, `texts`: as for {@link similarity}
 * - `cotangent`: of the similarities, `(planes)`
 * - `result`: of the images' embeddings, `(planes, width)`
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(2);
 * const embeds = Float32Array.of(0, 2), texts = Float32Array.of(1, 0);
 * const buffers = { embeds, texts, cotangent: Float32Array.of(3), result };
 * kernels.similarityAdjoint.twin(buffers, { planes: 1, width: 2, scale: 10 });
 * // The result leads towards the text, however long the embedding is.
 * console.assert(result.join() === "15,0");
 * ```
 */
export const similarityAdjoint: Kernel<
  "embeds" | "texts" | "cotangent" | "result",
  "planes" | "width" | "scale"
> = {
  name: "similarityAdjoint",
  wgsl: adjointCode,
  bindings: { embeds: "read", texts: "read", cotangent: "read", result: "read_write" },
  uniforms: { planes: "u32", width: "u32", scale: "f32" },
  invocations: (u) => u.planes * u.width,
  twin({ embeds, texts, cotangent, result }, { planes, width, scale }) {
    for (let p = 0; p < planes; p++) {
      const { product, square } = products(embeds, texts, p * width, width);
      const weight = scale * cotangent[p] / Math.sqrt(square);
      for (let i = p * width; i < (p + 1) * width; i++) {
        result[i] = weight * (texts[i] - product / square * embeds[i]);
      }
    }
  },
};

/** ⟨e, t⟩ and ‖e‖² of one plane. */
function products(embeds: Float32Array, texts: Float32Array, start: number, width: number) {
  let product = 0, square = 0;
  for (let i = start; i < start + width; i++) {
    product += embeds[i] * texts[i];
    square += embeds[i] * embeds[i];
  }
  return { product, square };
}

/** Brings each row of a matrix to length 1. A row holds `width` numbers. */
export function unitRows(data: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(data);
  for (let start = 0; start < data.length; start += width) {
    const row = result.subarray(start, start + width);
    const length = Math.hypot(...row);
    row.forEach((value, i) => row[i] = value / length);
  }
  return result;
}
