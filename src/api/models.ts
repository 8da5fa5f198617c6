/**
 * The models that Peekaboo knows, the facts about a loaded one, and the networks beside it: depth and
 * CLIP.
 *
 * @module
 */
export { MODELS } from "../catalog/models.ts";
export type {
  ManifestFile,
  ManifestSource,
  ModelKind,
  ModelManifest,
} from "../catalog/manifest.ts";
export { DEFAULT_MODEL, type LoadModelOptions as LoadOptions } from "../models/load_model.ts";
export { type Precision, PRECISIONS } from "../models/precision.ts";

// settings that a manifest decides, and settings that a call overrides
export type {
  CallSetting,
  ClipDefaults,
  GenerateDefaults,
  ModelDefaults,
  SettingsOverrides,
  Tuning,
  VariantDefaults,
} from "../settings/settings.ts";
export type { GenerateOverrides } from "../settings/generate_settings.ts";
export type { SampleOverrides, SamplingDefaults } from "../settings/sample_settings.ts";
export type { NoiseSchedule } from "../diffusion/noise_schedule.ts";
export type { SamplerConfig, SamplerName } from "../diffusion/sampling_plan.ts";
export type { TimestepConfig } from "../diffusion/sampling_plan.ts";

// prompts
export type { Label } from "../prompt/labels.ts";
export type { GridPrompts } from "../grid.ts";
export { type Embeddings, embedTexts, type TextModel } from "../prompt/embed.ts";
export type { TokenizerFiles } from "../prompt/tokenize.ts";

// depth
export { type OpenCompanionOptions, openDepthModel } from "./load_model.ts";
export type { DepthModel } from "../depth/estimate_depth.ts";
export { decodeDepth, type DepthMap, depthToSquare } from "../depth/depth_map.ts";
export { estimateDepth } from "../depth/estimate_depth.ts";
export type { ImageInput } from "../image/image_input.ts";

// CLIP
export { openClipModel } from "./load_model.ts";
export type { ClipGraphName, ClipModel } from "../clip/clip_model.ts";
export { embedClipTexts } from "../clip/embed_texts.ts";
