import stableDiffusion from "../../models/stable-diffusion.json" with { type: "json" };
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { ModelDefaults } from "../settings/settings.ts";
import { checkDefaults } from "./manifest.ts";

const { defaults, sampling } = checkDefaults(stableDiffusion, "models/stable-diffusion.json");

/**
 * Settings for a model whose manifest gives none: those that the authors of the paper use with
 * Stable Diffusion (models/README.md says where each is from). λ, η and the guidance scale are
 * coupled to a model's encoder and size, so that another model may need others.
 *
 * @example
 * ```ts
 * import { GENERIC_DEFAULTS } from "./generic_defaults.ts";
 *
 * console.assert(GENERIC_DEFAULTS.guidanceScale === 100);
 * ```
 */
export const GENERIC_DEFAULTS: ModelDefaults = defaults;

/**
 * How to make images with a model whose manifest does not say: Stable Diffusion's customary
 * guidance.
 *
 * @example
 * ```ts
 * import { GENERIC_SAMPLING } from "./generic_defaults.ts";
 *
 * console.assert(GENERIC_SAMPLING.guidanceScale === 7.5);
 * ```
 */
export const GENERIC_SAMPLING: SamplingDefaults = sampling;
