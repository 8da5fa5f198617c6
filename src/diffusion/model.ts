import type { Recompute } from "../autodiff/recompute.ts";
import type { Backend } from "../backend/backend.ts";
import type { ClipModel } from "../clip/clip_model.ts";
import type { DepthModel } from "../depth/estimate_depth.ts";
import type { LoadedGraph } from "../networks/loaded_graph.ts";
import type { PreparedGraph } from "../networks/prepared_graph.ts";
import { SessionCache } from "../networks/session_cache.ts";
import type { Tokenizer, TokenizerFiles } from "../prompt/tokenize.ts";
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { ModelDefaults } from "../settings/settings.ts";
import type { NoiseSchedule } from "./noise_schedule.ts";
import type { SamplerConfig } from "./sampling_plan.ts";

/** The graphs of a text-to-image diffusion model. */
export type GraphName = "text_encoder" | "unet" | "vae_encoder" | "vae_decoder";

/** Shape of one latent. */
export type LatentShape = readonly [channels: number, height: number, width: number];

/** The graphs of one optimisation, prepared for P prompts and ready to be loaded. */
export interface PreparedNetworks {
  /** The U-Net, for a batch of 2P. */
  readonly unet: PreparedGraph;
  /** The encoder: x̂ → z and the residuals. */
  readonly forward: PreparedGraph;
  /** Its derivative: residuals and z̄ → x̂̄. */
  readonly backward: PreparedGraph;
}

/**
 * A text-to-image diffusion model that judges and makes images: the facts of its files, and the
 * frozen networks on one backend. Functions such as `segment` load the networks on first use, and the
 * model keeps them.
 *
 * Disposing of the model disposes of its networks and of the backend. Using it afterwards is an error.
 */
export interface DiffusionModel extends AsyncDisposable {
  /** Name or folder, as results name the model. */
  readonly id: string;
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  readonly sha256: string;
  /** The device that computes. The model owns it. */
  readonly backend: Backend;
  /** Settings that suit the model. */
  readonly defaults: ModelDefaults;
  /** Settings that suit the images that it makes. */
  readonly samplingDefaults: SamplingDefaults;
  /** The forward process. */
  readonly noiseSchedule: NoiseSchedule;
  /** The model's configuration of a sampler. */
  readonly sampler: SamplerConfig;
  /** s, the scale of the latents. */
  readonly scalingFactor: number;
  /** M, the side of the model's images in pixels. */
  readonly imageSize: number;
  /** Shape of one latent of such an image. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** The values that a derivative computes twice to hold less; `cheap` by default. */
  readonly recompute?: Recompute | undefined;
  /** Whether to load networks for which the device seems to have too little memory. */
  readonly force?: boolean | undefined;
  /** Texts of the tokenizer's files; a CLIP without a tokenizer reads with them too. */
  readonly tokenizerFiles: TokenizerFiles;
  /** The words that the model knows, in lower case between spaces, if its manifest lists them. */
  readonly vocabulary?: string | undefined;
  /** Opens the depth network in the model's folder, if there is one. @throws {UserError} It is broken. */
  depthModel(): Promise<DepthModel | undefined>;
  /** Opens the CLIP in the model's folder, if there is one. @throws {UserError} It is broken. */
  clipModel(): Promise<ClipModel | undefined>;
  /**
   * The text encoder's tokenizer.
   *
   * @internal
   */
  readonly tokenizer: Tokenizer;
  /**
   * Reads a graph.
   *
   * @internal
   */
  readonly graph: (name: GraphName) => Promise<LoadedGraph>;
  /**
   * Graphs for one prompt and the default posterior, which the check of a large model prepared.
   *
   * @internal
   */
  readonly prepared?: PreparedNetworks | undefined;
  /**
   * Loads networks on first use and keeps them until the model is disposed of.
   *
   * @internal
   */
  keep<T extends object>(key: string, load: () => Promise<T & Disposable>): Promise<T>;
}

/** Creates a model from its facts; `loadModel` reads them from a model's files. */
export function createDiffusionModel(
  facts: Omit<DiffusionModel, "keep" | typeof Symbol.asyncDispose>,
): DiffusionModel {
  const sessions = new SessionCache(`Model "${facts.id}"`);
  return {
    ...facts,
    graph: async (name) => {
      sessions.checkOpen();
      return await facts.graph(name);
    },
    keep: (key, load) => sessions.keep(key, load),
    [Symbol.asyncDispose]: async () => {
      sessions[Symbol.dispose]();
      await facts.backend[Symbol.asyncDispose]();
    },
  };
}

/**
 * The shape of the latent of an image of another size.
 *
 * @param size Side of the image in pixels, a multiple of `imageSize / latentShape[1]`.
 */
export function latentShapeOf(
  { imageSize, latentShape: [channels, own] }: Pick<DiffusionModel, "imageSize" | "latentShape">,
  size: number,
): LatentShape {
  const side = own * size / imageSize;
  return [channels, side, side];
}
