import { vjp } from "../autodiff/vjp.ts";
import type { Backend, Session } from "../backend/backend.ts";
import { UserError } from "../errors.ts";
import { graphOf, type Model, writeModel } from "../onnx/model.ts";
import { declaration } from "../onnx/value_info.ts";
import { type Embeddings, embedPrompts } from "../prompt/embed.ts";
import type { Tokenizer } from "../prompt/tokenize.ts";
import type { ModelDefaults, Settings } from "../settings.ts";
import type { EncoderSessions } from "./encoder.ts";
import { encoderGraph, LATENTS, PICTURE } from "./encoder_graph.ts";
import { freeDimensions } from "./free_dimensions.ts";
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
      const start = prompt.length > 40 ? `${prompt.slice(0, 40)}…` : prompt;
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
      networks = this.#loadNetworks(prompts, posterior);
      this.#networks.set(key, networks);
      // A failed attempt is not kept.
      networks.catch(() => this.#networks.delete(key));
    }
    return await networks;
  }

  async #loadNetworks(prompts: number, posterior: Settings["posterior"]): Promise<Networks> {
    const { scalingFactor, pictureSize } = this.#parts;
    const { model: vaeEncoder, externalData } = await this.#parts.graph("vae_encoder");
    const { forward, backward } = vjp(
      encoderGraph(vaeEncoder, { prompts, pictureSize, scalingFactor, posterior }),
      { of: LATENTS, wrt: [PICTURE] },
    );
    using sessions = new DisposableStack();
    const load = async (half: Model) =>
      sessions.use(await this.backend.load(writeModel(half), { externalData }));
    const networks = {
      unet: sessions.use(await this.#loadUnet(2 * prompts)),
      encoder: { forward: await load(forward), backward: await load(backward) },
    };
    // It may have been disposed of meanwhile.
    this.#checkOpen();
    this.#sessions.use(sessions.move());
    return networks;
  }

  /** The U-Net with its free dimensions fixed: ONNX Runtime then keeps every node on the GPU. */
  async #loadUnet(batch: number): Promise<Session> {
    const { latentShape, tokenizer } = this.#parts;
    const { bytes, model, externalData } = await this.#parts.graph("unet");
    checkBatch(model, batch);
    const sizes = {
      1: [batch],
      3: [batch, tokenizer.maxLength],
      4: [batch, ...latentShape],
    };
    return await this.backend.load(bytes, {
      freeDimensions: freeDimensions(model, sizes),
      externalData,
    });
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

/** @throws {UserError} The U-Net takes batches of one size, and that is another. */
function checkBatch(unet: Model, batch: number) {
  for (const input of graphOf(unet).input) {
    const [items, ...others] = declaration(input)?.dimensions ?? [];
    if (others.length === 0 || typeof items !== "number" || items === batch) continue;
    throw new UserError(
      `The U-Net takes a batch of ${items}, ${batch / 2} prompts at once need ${batch}`,
      "give fewer prompts a call, or export the U-Net with a free batch dimension",
    );
  }
}
