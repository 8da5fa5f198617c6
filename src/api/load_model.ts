import type { ClipModel } from "../clip/clip_model.ts";
import type { DepthModel } from "../depth/estimate_depth.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import type { CompanionOptions } from "../models/open_source.ts";
import {
  DEFAULT_MODEL,
  loadModel as load,
  type LoadModelOptions as LoadOptions,
} from "../models/load_model.ts";
import { openClipModel as openClip } from "../models/open_clip.ts";
import { openDepthModel as openDepth } from "../models/open_depth.ts";
import { type DownloadChoice, hubFor } from "./download.ts";

/** Options of {@link loadModel}. */
export interface LoadModelOptions extends Omit<LoadOptions, "hub">, DownloadChoice {}

/**
 * Loads a text-to-image diffusion model for `segment`, `generate`, `grid`, `sample` and `ablate`.
 *
 * The embedded model lies beside the code. Where the code was imported from a URL, the model's files
 * are downloaded, each time unless `options.cacheFolder` says where to keep them. Other models are
 * downloaded once, into the cache of Hugging Face's tools, unless `options.download` is false.
 *
 * @param name Name of a known model, by default `emoji`; a folder in the diffusers ONNX layout; or
 * `owner/name` or `owner/name@revision` of a repository in that layout.
 * @returns The model; dispose of it to free its device.
 * @throws {UserError} The model does not exist, or must not be downloaded; a file is missing or broken;
 * the graphs do not fit together; the device does not exist, or has not enough memory.
 *
 * @example
 * ```ts
 * import { loadModel } from "../../mod.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * console.assert(model.imageSize === 64);
 * ```
 */
export async function loadModel(
  name: string = DEFAULT_MODEL,
  options: LoadModelOptions = {},
): Promise<DiffusionModel> {
  return await load(name, { ...options, hub: await hubFor(name, options, options.onWarning) });
}

/** Options of {@link openDepthModel} and {@link openClipModel}. */
export interface OpenCompanionOptions extends Omit<CompanionOptions, "hub">, DownloadChoice {}

/**
 * Opens a depth network, the guide of *depth bilateral*, by its id or its folder. The folder holds
 * `model.onnx` or `onnx/model.onnx`, and `preprocessor_config.json` with `size`, `image_mean` and
 * `image_std`. A known network is downloaded once.
 *
 * @param name Id of a known depth network, or the path of a folder.
 * @throws {UserError} The network or folder does not exist, or must not be downloaded; a file is missing
 * or broken.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * const { message } = await models.openDepthModel("clip-vit-b-32").catch((error) => error);
 * console.assert(message.startsWith('Cannot use "clip-vit-b-32" as depth model'));
 * ```
 */
export async function openDepthModel(
  name: string,
  options: OpenCompanionOptions = {},
): Promise<DepthModel> {
  return await openDepth(name, { ...options, hub: await hubFor(name, options) });
}

/**
 * Opens CLIP, the judge of the loss `clip`, by its id or its folder: text and image encoder, each with
 * its projection, as `optimum` exports them (`text_model.onnx`, `vision_model.onnx`, there or in
 * `onnx/`) or in folders of their own (`text_model/model.onnx`, `vision_model/model.onnx`);
 * `preprocessor_config.json`, and maybe `config.json` and a tokenizer. A known CLIP is downloaded once.
 *
 * @param name Id of a known CLIP, or the path of a folder.
 * @throws {UserError} CLIP or the folder does not exist, or must not be downloaded; a file is missing or
 * broken.
 *
 * @example
 * ```ts
 * import { models } from "../../mod.ts";
 *
 * const { message } = await models.openClipModel("midas-v2-1").catch((error) => error);
 * console.assert(message.startsWith('Cannot use "midas-v2-1" as CLIP model'));
 * ```
 */
export async function openClipModel(
  name: string,
  options: OpenCompanionOptions = {},
): Promise<ClipModel> {
  return await openClip(name, { ...options, hub: await hubFor(name, options) });
}
