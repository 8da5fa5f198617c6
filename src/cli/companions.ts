import { isRemoteName } from "../catalog/remote_model.ts";
import { checkDepth, decodeDepth, type DepthMap } from "../depth/depth_map.ts";
import type { DepthModel } from "../depth/estimate_depth.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { readImageFile } from "../image/read.ts";
import type { CompanionOptions } from "../models/open_source.ts";
import { openClipModel } from "../models/open_clip.ts";
import { openDepthModel } from "../models/open_depth.ts";
import type { ClipModel } from "../clip/clip_model.ts";
import type { Settings } from "../settings/settings.ts";
import type { Io } from "./io.ts";
import { hubOf } from "./load_model.ts";
import { downloadProgress } from "./progress.ts";

/** The options that choose the judge of masks. */
export interface ClipChoice {
  readonly loss?: Settings["loss"] | undefined;
  readonly clipModel?: string | undefined;
  readonly quiet?: boolean | undefined;
}

/**
 * Opens `--clip-model`, or the diffusion model's own CLIP; undefined for a loss that needs none.
 *
 * @throws {UserError} A CLIP is given for a loss that needs none; or the loss needs one, and it does not exist.
 */
export async function openClip(
  io: Io,
  model: DiffusionModel,
  { loss = "sds", clipModel, quiet = false }: ClipChoice,
): Promise<ClipModel | undefined> {
  if (loss !== "clip") {
    if (clipModel === undefined) return undefined;
    throw new UserError("Cannot use --clip-model: only the loss clip asks CLIP", "add --loss clip");
  }
  const clip = clipModel === undefined
    ? await model.clipModel()
    : await openCompanion(io, clipModel, quiet, openClipModel);
  if (clip) return clip;
  throw new UserError(
    `Model "${model.id}" has no CLIP of its own, which --loss clip needs`,
    "give --clip-model",
  );
}

/** The options that choose where depth comes from. */
export interface DepthChoice {
  readonly variant?: Settings["variant"] | undefined;
  readonly depthMap?: string | undefined;
  readonly depthModel?: string | undefined;
  readonly quiet?: boolean | undefined;
}

/** The depth that *depth bilateral* follows: that of an image, or the estimate of a network. */
export type Depth =
  | { readonly map: DepthMap; readonly path: string; readonly bytes: Uint8Array }
  | { readonly model: DepthModel };

/**
 * Reads `--depth-map`, or opens `--depth-model`, or the diffusion model's own depth network; undefined
 * for a variant that does not look at depth.
 *
 * @throws {UserError} Depth is given for a variant that does not look at it; the image or model does
 * not exist, or none is given; or the map has not the size of the image.
 */
export async function readDepth(
  io: Io,
  model: DiffusionModel,
  image: Image,
  { variant = model.defaults.variant, depthMap, depthModel, quiet = false }: DepthChoice,
): Promise<Depth | undefined> {
  if (variant !== "depth-bilateral") {
    if (depthMap === undefined && depthModel === undefined) return undefined;
    throw new UserError(
      `Cannot use ${depthMap === undefined ? "--depth-model" : "--depth-map"} with ${variant}: ` +
        "only depth-bilateral looks at depth",
      "add --variant depth-bilateral",
    );
  }
  if (depthMap !== undefined) {
    const bytes = await readImageFile(depthMap);
    const map = await decodeDepth(bytes, depthMap);
    checkDepth(map, image, `Depth map "${depthMap}"`);
    return { map, path: depthMap, bytes };
  }
  const network = depthModel === undefined
    ? await model.depthModel()
    : await openCompanion(io, depthModel, quiet, openDepthModel);
  if (network) return { model: network };
  throw new UserError(
    `Model "${model.id}" has no depth network of its own, which depth-bilateral needs`,
    "give --depth-model or --depth-map",
  );
}

/** Opens a network that stands beside the diffusion model, and shows how its download goes. */
async function openCompanion<T>(
  io: Io,
  name: string,
  quiet: boolean,
  open: (name: string, options: CompanionOptions) => Promise<T>,
): Promise<T> {
  using progress = downloadProgress(io, !quiet);
  return await open(name, {
    hub: isRemoteName(name) ? await hubOf(io, quiet) : undefined,
    onDownload: progress.update,
    onRetry: progress.retry,
  });
}
