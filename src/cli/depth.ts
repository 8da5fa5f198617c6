import { checkDepth, decodeDepth, type DepthMap } from "../depth/depth_map.ts";
import type { DepthModel } from "../depth/estimate_depth.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { readImageFile } from "../image/read.ts";
import { openDepthModel } from "../models/open_depth.ts";
import type { Settings } from "../settings/settings.ts";
import type { Io } from "./io.ts";
import { openCompanion } from "./open_companion.ts";

/** Where depth comes from, as the user gave it. */
export interface DepthChoice {
  readonly variant?: Settings["variant"] | undefined;
  readonly depthMap?: string | undefined;
  readonly depthModel?: string | undefined;
  readonly quiet?: boolean | undefined;
}

/** What *depth bilateral* follows: an image, or what a network sees. */
export type Depth =
  | { readonly map: DepthMap; readonly path: string; readonly bytes: Uint8Array }
  | { readonly model: DepthModel };

/**
 * Reads `--depth-map`, or opens `--depth-model`, or the diffusion model's own depth network; nothing
 * for a variant that does not look at depth.
 *
 * @throws {UserError} One is given for such a variant; there is no such image or model, or none at
 * all; or the map is not of the image.
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
