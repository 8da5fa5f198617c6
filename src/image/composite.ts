import code from "../../shaders/composite.wgsl" with { type: "text" };
import adjointCode from "../../shaders/composite_adjoint.wgsl" with { type: "text" };
import imageAdjointCode from "../../shaders/composite_image_adjoint.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

const UNIFORMS = {
  planes: "u32",
  images: "u32",
  pixels: "u32",
  red: "f32",
  green: "f32",
  blue: "f32",
} as const;

/**
 * Alpha-blends an image through every mask over a flat background b = (red, green, blue):
 *
 *     result_pc = α_p image_qc + (1 − α_p) b_c,   q = p mod images
 *
 * - `image`: `(images, 3, height, width)`, 0..1: one for all masks, or one per mask
 * - `alpha`: `(planes, height, width)`, 0..1
 * - `result`: `(planes, 3, height, width)`
 * - `pixels`: height · width
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(3);
 * const image = new Float32Array([1, 1, 1]), alpha = new Float32Array([0.75]);
 * const uniforms = { planes: 1, images: 1, pixels: 1, red: 0, green: 1, blue: 0 };
 * kernels.composite.twin({ image, alpha, result }, uniforms);
 * console.assert(result.join() === "0.75,1,0.75");
 * ```
 */
export const composite: Kernel<
  "image" | "alpha" | "result",
  "planes" | "images" | "pixels" | "red" | "green" | "blue"
> = {
  name: "composite",
  wgsl: code,
  bindings: { image: "read", alpha: "read", result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => u.planes * u.pixels,
  twin({ image, alpha, result }, { planes, images, pixels, red, green, blue }) {
    for (let p = 0; p < planes; p++) {
      const r = 3 * p * pixels, g = r + pixels, b = g + pixels;
      const first = 3 * (p % images) * pixels;
      for (let i = 0; i < pixels; i++) {
        const a = alpha[p * pixels + i];
        result[r + i] = a * image[first + i] + (1 - a) * red;
        result[g + i] = a * image[first + pixels + i] + (1 - a) * green;
        result[b + i] = a * image[first + 2 * pixels + i] + (1 - a) * blue;
      }
    }
  },
};

/**
 * Adjoint of {@link composite} with respect to the masks:
 *
 *     result_p = Σ_c cotangent_pc (image_qc − b_c),   q = p mod images
 *
 * - `image`: `(images, 3, height, width)`
 * - `cotangent`: `(planes, 3, height, width)`, of the composites
 * - `result`: `(planes, height, width)`, the cotangent of the masks
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(1);
 * const image = new Float32Array([1, 1, 1]), cotangent = new Float32Array([2, 3, 4]);
 * const uniforms = { planes: 1, images: 1, pixels: 1, red: 0, green: 1, blue: 0.5 };
 * kernels.compositeAdjoint.twin({ image, cotangent, result }, uniforms);
 * console.assert(result[0] === 2 + 0 + 2);
 * ```
 */
export const compositeAdjoint: Kernel<
  "image" | "cotangent" | "result",
  "planes" | "images" | "pixels" | "red" | "green" | "blue"
> = {
  name: "compositeAdjoint",
  wgsl: adjointCode,
  bindings: { image: "read", cotangent: "read", result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => u.planes * u.pixels,
  twin({ image, cotangent, result }, { planes, images, pixels, red, green, blue }) {
    for (let p = 0; p < planes; p++) {
      const r = 3 * p * pixels, g = r + pixels, b = g + pixels;
      const first = 3 * (p % images) * pixels;
      for (let i = 0; i < pixels; i++) {
        result[p * pixels + i] = cotangent[r + i] * (image[first + i] - red) +
          cotangent[g + i] * (image[first + pixels + i] - green) +
          cotangent[b + i] * (image[first + 2 * pixels + i] - blue);
      }
    }
  },
};

/**
 * Adjoint of {@link composite} with respect to the images, where each mask has its own:
 *
 *     result_pc = α_p cotangent_pc
 *
 * - `alpha`: `(planes, height, width)`
 * - `cotangent`: `(planes, 3, height, width)`, of the composites
 * - `result`: `(planes, 3, height, width)`, the cotangent of the images
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(3);
 * const alpha = new Float32Array([0.5]), cotangent = new Float32Array([2, 3, 4]);
 * kernels.compositeImageAdjoint.twin({ alpha, cotangent, result }, { planes: 1, pixels: 1 });
 * console.assert(result.join() === "1,1.5,2");
 * ```
 */
export const compositeImageAdjoint: Kernel<"alpha" | "cotangent" | "result", "planes" | "pixels"> =
  {
    name: "compositeImageAdjoint",
    wgsl: imageAdjointCode,
    bindings: { alpha: "read", cotangent: "read", result: "read_write" },
    uniforms: { planes: "u32", pixels: "u32" },
    invocations: (u) => 3 * u.planes * u.pixels,
    twin({ alpha, cotangent, result }, { planes, pixels }) {
      for (let row = 0; row < 3 * planes; row++) {
        const mask = Math.floor(row / 3) * pixels;
        for (let i = 0; i < pixels; i++) {
          result[row * pixels + i] = alpha[mask + i] * cotangent[row * pixels + i];
        }
      }
    },
  };
