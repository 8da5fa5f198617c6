import type { Backend, Session } from "../backend/backend.ts";
import type { Model } from "../onnx/model.ts";
import { type Embeddings, embedPrompts } from "../prompt/embed.ts";
import type { Tokenizer } from "../prompt/tokenize.ts";
import type { ModelDefaults, Settings } from "../settings.ts";
import type { EncoderSessions } from "./encoder.ts";
import { freeDimensions } from "./free_dimensions.ts";
import { loadNetworks } from "./load_networks.ts";
import type { Scheduler } from "./scheduler.ts";

/** The graphs of a text-to-image diffusion model that segmentation runs. */
export type GraphName = "text_encoder" | "unet" | "vae_encoder";

/** One of a model's graphs. */
export interface ModelGraph {
  /** The ONNX file. */
  readonly bytes: Uint8Array;
  /** The same, parsed. */
  readonly model: Model;
  /** Weights kept beside the file, by the `location` the graph knows them by. */
  readonly externalData: readonly { path: string; data: Uint8Array }[];
}

/** What a {@link DiffusionModel} is made of; from a model folder, by `loadModel`. */
export interface ModelParts {
  /** Name or folder, as results name the model. */
  readonly id: string;
  /** SHA-256 over the model's files, lower-case hexadecimal. */
  readonly sha256: string;
  /** Taken over: disposed of with the model. */
  readonly backend: Backend;
  /** Settings that suit the model. */
  readonly defaults: ModelDefaults;
  /** The forward process. */
  readonly scheduler: Scheduler;
  /** Of the text encoder. */
  readonly tokenizer: Tokenizer;
  /** s, the latents' scale. */
  readonly scalingFactor: number;
  /** M, the side of the model's pictures in pixels. */
  readonly pictureSize: number;
  /** Shape of one latent. */
  readonly latentShape: readonly [channels: number, height: number, width: number];
  /** Reads a graph. */
  readonly graph: (name: GraphName) => Promise<ModelGraph>;
}

/** The sessions of one optimisation. */
export interface Networks {
  /** For a batch of 2P. */
  readonly unet: Session;
  /** For a batch of P. */
  readonly encoder: EncoderSessions;
}

/**
 * A text-to-image diffusion model, ready to judge pictures: prompts to embeddings, and the frozen
 * networks as sessions on one backend. Sessions are made on first use and kept until disposal.
 *
 * Disposing also disposes of the backend; to use the model afterwards is an error.
 *
 * @example
 * ```ts
 * import { loadModel } from "../models/load_model.ts";
 *
 * await using model = await loadModel("emoji-64", { device: "cpu" });
 * const { shape } = await model.embed(["a dog", "a cat"]);
 * console.assert(shape[0] === 3, "the empty prompt comes first");
 * ```
 */
export class DiffusionModel implements AsyncDisposable {
  readonly #parts: ModelParts;
  readonly #networks = new Map<string, Promise<Networks>>();
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
  /** The forward process. */
  get scheduler(): Scheduler {
    return this.#parts.scheduler;
  }
  /** M, the side of the model's pictures in pixels. */
  get pictureSize(): number {
    return this.#parts.pictureSize;
  }
  /** Shape of one latent. */
  get latentShape(): readonly [channels: number, height: number, width: number] {
    return this.#parts.latentShape;
  }

  /**
   * Text embeddings of the empty prompt and the prompts.
   *
   * @param onWarning Told about each prompt longer than the text encoder reads.
   */
  async embed(
    prompts: readonly string[],
    onWarning: (message: string) => void = () => {},
  ): Promise<Embeddings> {
    this.#checkOpen();
    const { backend, tokenizer } = this.#parts;
    for (const prompt of prompts) {
      const { truncated, dropped } = tokenizer.encode(prompt);
      if (!truncated) continue;
      const characters = [...prompt];
      const start = characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : prompt;
      onWarning(
        `Prompt "${start}" is ${dropped} tokens longer than the model's ${tokenizer.maxLength}; ` +
          "its end is ignored",
      );
    }
    const { bytes, model, externalData } = await this.#parts.graph("text_encoder");
    using session = await backend.load(bytes, {
      // Prompts run one by one.
      freeDimensions: freeDimensions(model, { 2: [1, tokenizer.maxLength] }),
      externalData,
    });
    return await embedPrompts(backend, session, tokenizer, ["", ...prompts]);
  }

  /**
   * The networks for P prompts at a time; they stay the model's.
   *
   * @throws {UserError} If the graphs do not take as many prompts, or no encoder is among them.
   */
  async networks(prompts: number, posterior: Settings["posterior"]): Promise<Networks> {
    this.#checkOpen();
    const key = `${prompts} ${posterior}`;
    let networks = this.#networks.get(key);
    if (!networks) {
      networks = this.#load(prompts, posterior);
      this.#networks.set(key, networks);
      // A failed attempt is not kept.
      networks.catch(() => this.#networks.delete(key));
    }
    return await networks;
  }

  async #load(prompts: number, posterior: Settings["posterior"]): Promise<Networks> {
    using stack = new DisposableStack();
    const networks = stack.use(await loadNetworks(this.#parts, prompts, posterior));
    // It may have been disposed of meanwhile.
    this.#checkOpen();
    this.#sessions.use(stack.move());
    return networks;
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
    await this.backend[Symbol.asyncDispose]();
  }
}
