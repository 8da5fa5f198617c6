import type { SamplingDefaults } from "../diffusion/sample_settings.ts";
import type { ModelDefaults } from "../settings.ts";

/**
 * Settings for a model without a manifest: the paper's, found on Stable Diffusion 1.4 (Burgert et
 * al. 2022). λ, η and the guidance scale are coupled to a model's encoder and size, so that another
 * model may need others.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "./generic_defaults.ts";
 *
 * console.assert(GENERIC_DEFAULTS.guidanceScale === 100);
 * ```
 */
export const GENERIC_DEFAULTS: ModelDefaults = {
  variant: "rgb-bilateral",
  iterations: 200,
  guidanceScale: 100,
  lambda: 0.05,
  optimizer: "sgd",
  learningRate: 1e-5,
  momentum: 0,
  alphaSize: 256,
  frequencyScale: 10,
  tMin: 20,
  tMax: 980,
  posterior: "sample",
  variants: {
    fourier: { optimizer: "adam", learningRate: 2e-4 },
    "fourier-bilateral": { optimizer: "adam", learningRate: 2e-4 },
  },
  // Adam's steps do not depend on how large a logit's gradient is. A logit changes by some units as a
  // mask of some ten thousand pixels does: λ is of that order.
  clip: {
    optimizer: "adam",
    learningRate: 0.1,
    lambda: 1e-4,
    variants: {
      fourier: { learningRate: 2e-4 },
      "fourier-bilateral": { learningRate: 2e-4 },
    },
  },
};

/**
 * How to make pictures with a model whose manifest does not say: Stable Diffusion's customary
 * guidance.
 *
 * @example
 * ```ts
 * import { GENERIC_SAMPLING } from "./generic_defaults.ts";
 *
 * console.assert(GENERIC_SAMPLING.guidanceScale === 7.5);
 * ```
 */
export const GENERIC_SAMPLING: SamplingDefaults = { steps: 25, guidanceScale: 7.5 };
