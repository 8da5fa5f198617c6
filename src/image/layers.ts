import code from "../../shaders/layers.wgsl" with { type: "text" };
import adjointCode from "../../shaders/layers_adjoint.wgsl" with { type: "text" };
import imageAdjointCode from "../../shaders/layers_image_adjoint.wgsl" with { type: "text" };
import type { Kernel } from "../backend/kernel.ts";

const UNIFORMS = { foregrounds: "u32", backgrounds: "u32", pixels: "u32" } as const;

/**
 * Every foreground F, through its mask, over every background G (paper, appendix E):
 *
 *     result_fbc = α_f F_fc + (1 − α_f) G_bc
 *
 * - `images`: `(foregrounds + backgrounds, 3, height, width)`, 0..1, F and then G
 * - `alpha`: `(foregrounds, height, width)`, 0..1
 * - `result`: `(foregrounds, backgrounds, 3, height, width)`
 * - `pixels`: height · width
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(3);
 * const images = new Float32Array([1, 1, 1, 0, 0.5, 1]), alpha = new Float32Array([0.5]);
 * kernels.layers.twin({ images, alpha, result }, { foregrounds: 1, backgrounds: 1, pixels: 1 });
 * console.assert(result.join() === "0.5,0.75,1");
 * ```
 */
export const layers: Kernel<
  "images" | "alpha" | "result",
  "foregrounds" | "backgrounds" | "pixels"
> = {
  name: "layers",
  wgsl: code,
  bindings: { images: "read", alpha: "read", result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => 3 * u.foregrounds * u.backgrounds * u.pixels,
  twin({ images, alpha, result }, { foregrounds, backgrounds, pixels }) {
    const image = 3 * pixels;
    for (let f = 0; f < foregrounds; f++) {
      for (let b = 0; b < backgrounds; b++) {
        const cell = (f * backgrounds + b) * image, back = (foregrounds + b) * image;
        for (let k = 0; k < image; k++) {
          const a = alpha[f * pixels + k % pixels];
          result[cell + k] = a * images[f * image + k] + (1 - a) * images[back + k];
        }
      }
    }
  },
};

/**
 * Adjoint of {@link layers} with respect to the masks:
 *
 *     result_f = Σ_b Σ_c cotangent_fbc (F_fc − G_bc)
 *
 * - `images`: `(foregrounds + backgrounds, 3, height, width)`, F and then G
 * - `cotangent`: `(foregrounds, backgrounds, 3, height, width)`, of the composites
 * - `result`: `(foregrounds, height, width)`, the cotangent of the masks
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(1);
 * const images = new Float32Array([1, 1, 1, 0, 0.5, 1]);
 * const cotangent = new Float32Array([2, 4, 8]);
 * const uniforms = { foregrounds: 1, backgrounds: 1, pixels: 1 };
 * kernels.layersAdjoint.twin({ images, cotangent, result }, uniforms);
 * console.assert(result[0] === 2 + 2 + 0);
 * ```
 */
export const layersAdjoint: Kernel<
  "images" | "cotangent" | "result",
  "foregrounds" | "backgrounds" | "pixels"
> = {
  name: "layersAdjoint",
  wgsl: adjointCode,
  bindings: { images: "read", cotangent: "read", result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => u.foregrounds * u.pixels,
  twin({ images, cotangent, result }, { foregrounds, backgrounds, pixels }) {
    const image = 3 * pixels;
    for (let f = 0; f < foregrounds; f++) {
      for (let i = 0; i < pixels; i++) {
        let total = 0;
        for (let b = 0; b < backgrounds; b++) {
          const cell = (f * backgrounds + b) * image, back = (foregrounds + b) * image;
          for (let k = i; k < image; k += pixels) {
            total += cotangent[cell + k] * (images[f * image + k] - images[back + k]);
          }
        }
        result[f * pixels + i] = total;
      }
    }
  },
};

/**
 * Adjoint of {@link layers} with respect to the images:
 *
 *     F̄_fc = Σ_b α_f cotangent_fbc,   Ḡ_bc = Σ_f (1 − α_f) cotangent_fbc
 *
 * - `alpha`: `(foregrounds, height, width)`
 * - `cotangent`: `(foregrounds, backgrounds, 3, height, width)`, of the composites
 * - `result`: `(foregrounds + backgrounds, 3, height, width)`, F̄ and then Ḡ
 *
 * @example
 * ```ts
 * import { kernels } from "../../mod.ts";
 *
 * const result = new Float32Array(6);
 * const alpha = new Float32Array([0.25]), cotangent = new Float32Array([4, 8, 12]);
 * const uniforms = { foregrounds: 1, backgrounds: 1, pixels: 1 };
 * kernels.layersImageAdjoint.twin({ alpha, cotangent, result }, uniforms);
 * console.assert(result.join() === "1,2,3,3,6,9");
 * ```
 */
export const layersImageAdjoint: Kernel<
  "alpha" | "cotangent" | "result",
  "foregrounds" | "backgrounds" | "pixels"
> = {
  name: "layersImageAdjoint",
  wgsl: imageAdjointCode,
  bindings: { alpha: "read", cotangent: "read", result: "read_write" },
  uniforms: UNIFORMS,
  invocations: (u) => 3 * (u.foregrounds + u.backgrounds) * u.pixels,
  twin({ alpha, cotangent, result }, { foregrounds, backgrounds, pixels }) {
    const image = 3 * pixels;
    result.fill(0, 0, (foregrounds + backgrounds) * image);
    for (let f = 0; f < foregrounds; f++) {
      for (let b = 0; b < backgrounds; b++) {
        const cell = (f * backgrounds + b) * image, back = (foregrounds + b) * image;
        for (let k = 0; k < image; k++) {
          const a = alpha[f * pixels + k % pixels];
          result[f * image + k] += a * cotangent[cell + k];
          result[back + k] += (1 - a) * cotangent[cell + k];
        }
      }
    }
  },
};
