import clip from "../../models/clip-vit-b-32.json" with { type: "json" };
import clipseg from "../../models/clipseg-rd64-refined.json" with { type: "json" };
import depthAnything from "../../models/depth-anything-v2-small.json" with { type: "json" };
import dptHybrid from "../../models/dpt-hybrid-midas.json" with { type: "json" };
import midas from "../../models/midas-v2-1.json" with { type: "json" };
import midasSmall from "../../models/midas-v2-1-small.json" with { type: "json" };
import sdTurbo from "../../models/sd-turbo.json" with { type: "json" };
import sd14 from "../../models/stable-diffusion-v1-4.json" with { type: "json" };
import sd15 from "../../models/stable-diffusion-v1-5.json" with { type: "json" };
import sd15Half from "../../models/stable-diffusion-v1-5-fp16.json" with { type: "json" };
import { checkRemoteManifest, type RemoteManifest } from "./remote_manifest.ts";

/**
 * The models that are known by name and downloaded when they are asked for.
 *
 * @example
 * ```ts
 * import { REMOTE_MODELS } from "./remote_models.ts";
 *
 * console.assert(REMOTE_MODELS.some(({ id }) => id === "stable-diffusion-v1-4"));
 * ```
 */
export const REMOTE_MODELS: readonly RemoteManifest[] = [
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
].map((manifest) => checkRemoteManifest(manifest, `models/${manifest.id}.json`));
