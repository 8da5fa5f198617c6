/**
 * Peekaboo: text to mask with a frozen text-to-image diffusion model. Imported, this module is the
 * library; run as a program, it is the command line.
 *
 * @example
 * ```ts
 * import { decodeImage, loadModel, segment } from "./mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const bytes = await Deno.readFile(new URL("./examples/strawberry-on-stripes.png", import.meta.url));
 * const image = await decodeImage(bytes, "strawberry-on-stripes.png");
 * const [{ alpha }] = await segment(model, image, "a strawberry", { iterations: 2 });
 * console.assert(alpha.length === image.width * image.height);
 * ```
 *
 * @module
 */
export { VERSION } from "./src/version.ts";
export { UserError } from "./src/errors.ts";

export type { Progress, RunOptions } from "./src/iterate.ts";
export {
  segment,
  type Segmentation,
  type SegmentFrame,
  type SegmentOptions,
} from "./src/segment.ts";
export {
  generate,
  type GenerateFrame,
  type GenerateOptions,
  type Generation,
  type Layer,
} from "./src/generate.ts";
export type { GenerateOverrides, GenerateSettings } from "./src/settings/generate_settings.ts";
export {
  type Grid,
  grid,
  type GridFrame,
  type GridImages,
  type GridOptions,
  type GridPrompts,
} from "./src/grid.ts";
export {
  ablate,
  type AblateOptions,
  type AblationFrame,
  type AblationResult,
} from "./src/evaluate/ablate.ts";
export {
  type Ablation,
  type AblationRun,
  ablationRuns,
  ABLATIONS,
} from "./src/evaluate/ablation.ts";
export { composeCaptions, DEFAULT_TEMPLATE } from "./src/prompt/compose_captions.ts";
export { type Sample, sample, type SampleOptions } from "./src/sample.ts";
export type {
  CallSetting,
  ClipDefaults,
  GenerateDefaults,
  ModelDefaults,
  Settings,
  SettingsOverrides,
  Tuning,
  VariantDefaults,
} from "./src/settings/settings.ts";
export { IMAGE_PARAMS, INITS, LOSSES, SAMPLERS, VARIANTS } from "./src/settings/table.ts";
export type { Verdict } from "./src/mask/verdict.ts";
export { DEFAULT_MODEL, loadModel, type LoadModelOptions } from "./src/models/load_model.ts";
export { type Precision, PRECISIONS } from "./src/models/precision.ts";
export type { AssetOptions } from "./src/catalog/assets.ts";
export type { OpenModelOptions } from "./src/models/open_model.ts";
export type { RemoteOptions } from "./src/models/open_remote.ts";
export { type Hub, type HubDefaults, hubFromEnvironment } from "./src/hub/hub.ts";
export type { HubToken } from "./src/hub/hub_token.ts";
export type { Clock } from "./src/hub/clock.ts";
export type { PullProgress } from "./src/catalog/pull.ts";
export { REMOTE_MODELS } from "./src/catalog/remote_models.ts";
export type { ModelKind, RemoteManifest } from "./src/catalog/remote_manifest.ts";
export { KNOWN_MODELS } from "./src/catalog/known_models.ts";
export type { ManifestFile, ModelManifest } from "./src/catalog/manifest.ts";
export type { DiffusionModel } from "./src/diffusion/model.ts";
export type {
  SampleOverrides,
  SampleSettings,
  SamplingDefaults,
} from "./src/settings/sample_settings.ts";
export type { SamplerConfig, SamplerName, TimestepConfig } from "./src/diffusion/sampling_plan.ts";
export type { NoiseSchedule } from "./src/diffusion/noise_schedule.ts";
export { type Embeddings, embedTexts, type TextModel } from "./src/prompt/embed.ts";
export type { TokenizerFiles } from "./src/prompt/tokenize.ts";
export type { Label } from "./src/prompt/labels.ts";

export type { Image } from "./src/image/image.ts";
export type { ImageInput } from "./src/image/image_input.ts";
export { decodeImage } from "./src/image/decode.ts";
export { decodeAlpha } from "./src/image/decode_alpha.ts";
export { contactSheet } from "./src/image/contact_sheet.ts";
export { encodePng } from "./src/image/encode.ts";
export { type GifEncoder, openGif } from "./src/image/encode_gif.ts";
export {
  type AlphaImage,
  alphaToSquare,
  fromSquare,
  type SquareMode,
  toSquare,
} from "./src/image/geometry.ts";
export { decodeDepth, type DepthMap, depthToSquare } from "./src/depth/depth_map.ts";
export { type DepthModel, estimateDepth } from "./src/depth/estimate_depth.ts";
export { embedClipTexts } from "./src/clip/embed_texts.ts";
export type { ClipGraphName, ClipModel } from "./src/clip/clip_model.ts";
export { openClipModel } from "./src/models/open_clip.ts";
export { openDepthModel } from "./src/models/open_depth.ts";
export type { CompanionOptions } from "./src/models/companion_source.ts";
export { overCheckerboard } from "./src/mask/checkerboard.ts";
export { cutout } from "./src/mask/cutout.ts";
export { type LabelMap, labelMap } from "./src/mask/label_map.ts";
export { overlay } from "./src/mask/overlay.ts";
export { rgba } from "./src/mask/rgba.ts";
export { coverage, thresholdMask } from "./src/mask/threshold.ts";

export type { Parameter, Parametrization } from "./src/parametrization/parametrization.ts";
export { Raster } from "./src/parametrization/raster.ts";
export { BilateralRaster } from "./src/parametrization/bilateral_raster.ts";
export { Fourier } from "./src/parametrization/fourier.ts";
export {
  createFourierNetwork,
  type FourierNetwork,
  type FourierNetworkOptions,
} from "./src/parametrization/fourier_network.ts";
export type { FourierShape } from "./src/parametrization/fourier_graph.ts";
export type { FourierSeed } from "./src/parametrization/fourier_init.ts";

export type {
  Backend,
  DType,
  ExternalData,
  HostArray,
  HostTensor,
  MemoryLimits,
  Session,
  SessionOptions,
  Tensor,
  TensorInfo,
} from "./src/backend/backend.ts";
export type { ByteSource } from "./src/files/byte_source.ts";
export type { CpuBackendOptions } from "./src/backend/cpu.ts";
export {
  type Device,
  DEVICES,
  openBackend,
  type OpenBackendOptions,
} from "./src/backend/select.ts";
export type { Access, Kernel, UniformType } from "./src/backend/kernel.ts";
export { bilateralWeights, blur, blurAdjoint } from "./src/parametrization/bilateral.ts";
export { sigmoid, sigmoidAdjoint } from "./src/parametrization/sigmoid.ts";
export { overlapAdjoint } from "./src/parametrization/overlap.ts";
export { regularize } from "./src/parametrization/regularize.ts";
export { composite, compositeAdjoint, compositeImageAdjoint } from "./src/image/composite.ts";
export { layers, layersAdjoint, layersImageAdjoint } from "./src/image/layers.ts";
export { resize, resizeAdjoint } from "./src/image/resize.ts";
export { addNoise } from "./src/diffusion/noise.ts";
export { guide } from "./src/diffusion/guidance.ts";
export { similarity, similarityAdjoint } from "./src/clip/similarity.ts";
export { transfer } from "./src/diffusion/transfer.ts";
export { sgd } from "./src/optimize/sgd.ts";
export { adam } from "./src/optimize/adam.ts";
export { normal, STREAMS, uniform } from "./src/backend/random.ts";
export { sum } from "./src/backend/reduce.ts";

export type { Recompute } from "./src/autodiff/recompute.ts";
export { cotangentName, type Vjp, vjp, type VjpOptions } from "./src/autodiff/vjp.ts";
export { type OnnxModel, readModel, type ReadOptions, writeModel } from "./src/onnx/model.ts";

if (import.meta.main) {
  const program = Promise.all([import("./src/cli/main.ts"), import("./src/cli/system_io.ts")]);
  // Deno loads these modules only here. That needs read permission or, from a URL, the network.
  const [{ main }, { systemIo }] = await program.catch(({ message }) => {
    const forbidden = /^Requires \w+ access/.test(message);
    const hint = forbidden ? "Deno's permissions; -A gives all" : "run the same command again";
    console.error(`error: ${message.replace(/\s*\n\s*/g, " ")} (${hint})`);
    Deno.exit(2);
  });
  Deno.exit(await main(Deno.args, systemIo()));
}
