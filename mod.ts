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
// Deno loads the command line with this module, and evaluates it only where it is used: below.
import defer * as cli from "./src/cli/main.ts";
import defer * as io from "./src/cli/system_io.ts";

export { VERSION } from "./src/version.ts";
export { UserError } from "./src/errors.ts";

export { loadModel, type LoadModelOptions } from "./src/api/load_model.ts";
export type { DiffusionModel } from "./src/diffusion/model.ts";

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
} from "./src/generate.ts";
export { type Grid, grid, type GridFrame, type GridOptions } from "./src/grid.ts";
export { type Sample, sample, type SampleOptions } from "./src/sample.ts";
export { ablate, type AblateOptions, type AblationResult } from "./src/api/ablate.ts";
export type { AblationFrame } from "./src/evaluate/ablate.ts";
export type { Progress, RunOptions } from "./src/iterate.ts";

export type { Settings } from "./src/settings/settings.ts";
export type { GenerateSettings } from "./src/settings/generate_settings.ts";
export type { SampleSettings } from "./src/settings/sample_settings.ts";
export { IMAGE_PARAMS, INITS, LOSSES, SAMPLERS, VARIANTS } from "./src/settings/table.ts";
export { ABLATIONS } from "./src/evaluate/ablate.ts";

export type { Image } from "./src/image/image.ts";
export { decodeImage } from "./src/image/decode.ts";
export { encodePng } from "./src/image/encode.ts";
export { cutout, rgba } from "./src/mask/cutout.ts";
export { overlay } from "./src/mask/overlay.ts";
export { mask } from "./src/mask/threshold.ts";

export * as images from "./src/api/images.ts";
export * as models from "./src/api/models.ts";
export * as hub from "./src/api/hub.ts";
export * as backend from "./src/api/backend.ts";
export * as kernels from "./src/api/kernels.ts";
export * as autodiff from "./src/api/autodiff.ts";

if (import.meta.main) Deno.exit(await cli.main(Deno.args, io.systemIo()));
