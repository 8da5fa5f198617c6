import type { Recompute } from "../autodiff/recompute.ts";
import type { Backend, ExternalData, Session } from "../backend/backend.ts";
import type { DepthModel } from "../depth/depth_model.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { ClipModel } from "../prompt/clip_model.ts";
import type { Embeddings } from "../prompt/embed.ts";
import type { Tokenizer, TokenizerFiles } from "../prompt/tokenize.ts";
import type { ModelDefaults, Settings } from "../settings/settings.ts";
import { embedTexts } from "./embed_texts.ts";
import type { EncoderSessions } from "./encoder.ts";
import { loadNetworks } from "./load_networks.ts";
import { loadSamplingNetworks, type SamplingNetworks } from "./load_sampling_networks.ts";
import type { SamplingDefaults } from "../settings/sample_settings.ts";
import type { SamplerConfig } from "./sampling_plan.ts";
import type { NoiseSchedule } from "./noise_schedule.ts";

/** The graphs of a text-to-image diffusion model. */
export type GraphName = "text_encoder" | "unet" | "vae_encoder" | "vae_decoder";

/** One of a model's graphs. */
export interface ModelGraph {
  /** The ONNX file; a large one without its weights. */
  readonly bytes: Uint8Array;
  /** The same, parsed. */
  readonly model: OnnxModel;
  /** Weights kept beside the graph, by the `location` the graph knows them by. */
  readonly externalData: readonly ExternalData[];
}

/** Where and how a model's networks are loaded. */
export interface LoadingParts {
  /** Taken over: disposed of with the model. */
  readonly backend: Backend;
  /** What a derivative computes twice, to hold less; `cheap` unless given. */
  readonly recompute?: Recompute | undefined;
  /** Whether to try also what needs more memory than there seems to be. */
  readonly force?: boolean;
}

/** What a {@link DiffusionModel} is made of; from a model folder, by `loadModel`. */
export interface ModelParts extends LoadingParts {
  /** Name or folder, as results name the model. */
  readonly id: string;
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  readonly sha256: string;
  /** Settings that suit the model. */
  readonly defaults: ModelDefaults;
  /** Settings that suit its images. */
  readonly samplingDefaults: SamplingDefaults;
  /** The forward process. */
  readonly noiseSchedule: NoiseSchedule;
  /** The way back. */
  readonly sampler: SamplerConfig;
  /** Of the text encoder. */
  readonly tokenizer: Tokenizer;
  /** s, the latents' scale. */
  readonly scalingFactor: number;
  /** M, the side of the model's images in pixels. */
  readonly imageSize: number;
  /** Shape of one latent. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** Reads a graph. */
  readonly graph: (name: GraphName) => Promise<ModelGraph>;
  /** Opens the depth network beside the others, if there is one. */
  readonly depth?: () => Promise<DepthModel | undefined>;
  /** Opens CLIP beside the others, if it is there. */
  readonly clip?: () => Promise<ClipModel | undefined>;
  /** Texts of the tokenizer's files. */
  readonly tokenizerFiles: TokenizerFiles;
}

/** The sessions of one optimisation. */
export interface Networks {
  /** For a batch of 2P. */
  readonly unet: Session;
  /** For a batch of P. */
  readonly encoder: EncoderSessions;
}

/**
 * A text-to-image diffusion model, ready to judge and to make images: prompts to embeddings, and
 * the frozen networks as sessions on one backend. Sessions are made on first use and kept until
 * disposal.
 *
 * Disposing also disposes of the backend; to use the model afterwards is an error.
 *
 * @example
 * ```ts
 * import { loadModel } from "../models/load_model.ts";
 *
 * await using model = await loadModel("emoji", { device: "cpu" });
 * const { shape } = await model.embed(["a dog", "a cat"]);
 * console.assert(shape[0] === 3, "the empty prompt comes first");
 * ```
 */
export class DiffusionModel implements AsyncDisposable {
  readonly #parts: ModelParts;
  readonly #networks = new Map<string, Promise<Networks>>();
  readonly #samplingNetworks = new Map<string, Promise<SamplingNetworks>>();
  readonly #others = new Map<string, Promise<object>>();
  readonly #sessions = new DisposableStack();

  /** A model of these parts; `loadModel` reads them from a model's folder. */
  constructor(parts: ModelParts) {
    this.#parts = parts;
  }

  /** Name or folder. */
  get id(): string {
    return this.#parts.id;
  }
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  get sha256(): string {
    return this.#parts.sha256;
  }
  /** Where everything is computed. */
  get backend(): Backend {
    return this.#parts.backend;
  }
  /** Settings that suit the model. */
  get defaults(): ModelDefaults {
    return this.#parts.defaults;
  }
  /** Settings that suit its images. */
  get samplingDefaults(): SamplingDefaults {
    return this.#parts.samplingDefaults;
  }
  /** The forward process. */
  get noiseSchedule(): NoiseSchedule {
    return this.#parts.noiseSchedule;
  }
  /** How the model's configuration has a sampler go back. */
  get sampler(): SamplerConfig {
    return this.#parts.sampler;
  }
  /** M, the side of the model's images in pixels. */
  get imageSize(): number {
    return this.#parts.imageSize;
  }
  /** Shape of one latent. */
  get latentShape(): readonly [channels: number, height: number, width: number] {
    return this.#parts.latentShape;
  }

  /**
   * Shape of the latent of an image of another size.
   *
   * @param size Side of the image in pixels, a multiple of `imageSize / latentShape[1]`.
   */
  latentShapeOf(size: number): readonly [channels: number, height: number, width: number] {
    const [channels, own] = this.latentShape;
    const side = own * size / this.imageSize;
    return [channels, side, side];
  }

  /**
   * Text embeddings of the empty prompt and the prompts.
   *
   * @param onWarning Told about each prompt longer than the text encoder reads.
   * @param unconditional Stands for the empty prompt: what guidance leads away from.
   */
  async embed(
    prompts: readonly string[],
    onWarning: (message: string) => void = () => {},
    unconditional = "",
  ): Promise<Embeddings> {
    this.#checkOpen();
    return await embedTexts(this.#parts, [unconditional, ...prompts], onWarning);
  }

  /**
   * The depth network in the model's own folder, if there is one.
   *
   * @throws {UserError} If it is broken.
   */
  async depthModel(): Promise<DepthModel | undefined> {
    return await this.#parts.depth?.();
  }

  /**
   * CLIP in the model's own folder, if it is there.
   *
   * @throws {UserError} If it is broken.
   */
  async clipModel(): Promise<ClipModel | undefined> {
    return await this.#parts.clip?.();
  }

  /** Texts of the tokenizer's files, also for a CLIP that has none. */
  get tokenizerFiles(): TokenizerFiles {
    return this.#parts.tokenizerFiles;
  }

  /**
   * Networks that are not the model's but used with it; loaded on first use, they stay the model's.
   *
   * @param key What tells them from others.
   *
   * @internal
   */
  async keep<T extends object>(
    key: string,
    load: (parts: LoadingParts) => Promise<T & Disposable>,
  ): Promise<T> {
    this.#checkOpen();
    return await this.#kept(this.#others, key, () => load(this.#parts)) as T;
  }

  /**
   * The networks for P prompts at a time; they stay the model's.
   *
   * @throws {UserError} If the graphs do not take as many prompts, or no encoder is among them.
   *
   * @internal
   */
  async networks(prompts: number, posterior: Settings["posterior"]): Promise<Networks> {
    this.#checkOpen();
    return await this.#kept(
      this.#networks,
      `${prompts} ${posterior}`,
      () => loadNetworks(this.#parts, prompts, posterior),
    );
  }

  /**
   * The networks that make images, for P prompts at a time; they stay the model's.
   *
   * @param size Side of the images in pixels, as for {@link latentShapeOf}.
   * @throws {UserError} If the model has no decoder, or the graphs do not take as many prompts or
   * latents of that size.
   *
   * @internal
   */
  async samplingNetworks(prompts: number, size: number): Promise<SamplingNetworks> {
    this.#checkOpen();
    return await this.#kept(
      this.#samplingNetworks,
      `${prompts} ${size}`,
      () => loadSamplingNetworks(this.#parts, prompts, this.latentShapeOf(size)),
    );
  }

  /** Loads sessions on first use. A failed attempt is not kept. */
  async #kept<T>(
    cache: Map<string, Promise<T>>,
    key: string,
    load: () => Promise<T & Disposable>,
  ): Promise<T> {
    let sessions = cache.get(key);
    if (!sessions) {
      sessions = this.#load(load);
      cache.set(key, sessions);
      sessions.catch(() => cache.delete(key));
    }
    return await sessions;
  }

  async #load<T>(load: () => Promise<T & Disposable>): Promise<T> {
    using stack = new DisposableStack();
    const sessions = stack.use(await load());
    // It may have been disposed of meanwhile.
    this.#checkOpen();
    this.#sessions.use(stack.move());
    return sessions;
  }

  #checkOpen() {
    if (this.#sessions.disposed) {
      throw new Error(`Model "${this.id}" is used after it was disposed of`);
    }
  }

  /** Frees the sessions and the backend. */
  async [Symbol.asyncDispose]() {
    this.#sessions.dispose();
    this.#networks.clear();
    this.#samplingNetworks.clear();
    this.#others.clear();
    await this.backend[Symbol.asyncDispose]();
  }
}
