import clip from "../../models/clip-vit-b-32.json" with { type: "json" };
import clipseg from "../../models/clipseg-rd64-refined.json" with { type: "json" };
import depthAnything from "../../models/depth-anything-v2-small.json" with { type: "json" };
import dptHybrid from "../../models/dpt-hybrid-midas.json" with { type: "json" };
import emoji from "../../models/emoji.json" with { type: "json" };
import midas from "../../models/midas-v2-1.json" with { type: "json" };
import midasSmall from "../../models/midas-v2-1-small.json" with { type: "json" };
import sdTurbo from "../../models/sd-turbo.json" with { type: "json" };
import stableDiffusion from "../../models/stable-diffusion.json" with { type: "json" };
import sd14 from "../../models/stable-diffusion-v1-4.json" with { type: "json" };
import sd15 from "../../models/stable-diffusion-v1-5.json" with { type: "json" };
import sd15Half from "../../models/stable-diffusion-v1-5-fp16.json" with { type: "json" };
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { ModelDefaults } from "../settings/settings.ts";
import { checkDefaults, checkManifest, type ModelManifest } from "./manifest.ts";

/**
 * The models that are known by name: first the embedded one, which is the default, then those that
 * are downloaded when a user names them.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * const known = new Map(models.MODELS.map((manifest) => [manifest.id, manifest]));
 * console.assert(known.get("emoji")?.source.host === "embedded");
 * console.assert(known.get("stable-diffusion-v1-4")?.imageSize === 512);
 * ```
 */
export const MODELS: readonly ModelManifest[] = [
  emoji,
  sd14,
  sd15,
  sd15Half,
  sdTurbo,
  midas,
  midasSmall,
  dptHybrid,
  depthAnything,
  clip,
  clipseg,
].map((manifest) => checkManifest(manifest, `models/${manifest.id}.json`));

const generic = checkDefaults(stableDiffusion, "models/stable-diffusion.json");

/**
 * Settings of a model whose manifest gives none: those that the authors of the paper use with Stable
 * Diffusion (models/README.md has the source of each). λ, η and the guidance scale are coupled to a
 * model's encoder and size, so another model may need others.
 */
export const GENERIC_DEFAULTS: ModelDefaults = generic.defaults;

/** Settings of sampled images where the manifest gives none, as is customary for Stable Diffusion. */
export const GENERIC_SAMPLING: SamplingDefaults = generic.sampling;
