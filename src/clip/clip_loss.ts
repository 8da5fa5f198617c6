import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { UserError } from "../errors.ts";
import {
  DifferentiatedNetwork,
  type DifferentiatedSessions,
  prepareDifferentiated,
} from "../networks/differentiated_network.ts";
import { loadTogether } from "../networks/prepared_graph.ts";
import type { NetworkLoader } from "../networks/session_cache.ts";
import type { Embeddings } from "../prompt/embed.ts";
import { clipGraph, COMPOSITE, IMAGE_EMBEDS } from "./clip_graph.ts";
import type { ClipModel } from "./clip_model.ts";
import { similarity, similarityAdjoint, unitRows } from "./similarity.ts";

/** The tensors between which the image encoder is differentiated. */
const NAMES = { of: IMAGE_EMBEDS, wrt: COMPOSITE };

/** Settings and inputs of a {@link ClipLoss}. */
export interface ClipLossSettings {
  /** The image encoder, loaded for P images. */
  readonly sessions: DifferentiatedSessions;
  /** Embeddings of the P prompts (P, 1, D), of any length. */
  readonly embeddings: Embeddings;
  /** The factor from a cosine similarity to a logit. */
  readonly logitScale: number;
}

/**
 * The paper's *CLIP variant*: L = −Σ_p s·cos(e_p, t_p), minus CLIP's logit of each composite and its
 * prompt. Only the background colours are random, and no diffusion network runs.
 */
export class ClipLoss implements Disposable {
  /** s·cos(e, t) of each composite (P); {@link evaluate} writes it. */
  readonly logits: Tensor;
  readonly #backend: Backend;
  readonly #encoder: DifferentiatedNetwork;
  readonly #texts: Tensor;
  /** −1 per prompt: the loss is minus the logit. */
  readonly #logitCotangent: Tensor;
  readonly #embedsCotangent: Tensor;
  readonly #uniforms;
  readonly #tensors: Disposable;

  /** @throws {UserError} The two encoders' embeddings have different widths. */
  constructor(backend: Backend, { sessions, embeddings, logitScale }: ClipLossSettings) {
    const [planes, , width] = embeddings.shape;
    this.#backend = backend;
    this.#uniforms = { planes, width, scale: logitScale };
    using scope = new TensorScope(backend);
    this.#encoder = scope.use(new DifferentiatedNetwork(backend, sessions, NAMES));
    const [, imageWidth] = this.#encoder.output.shape;
    if (imageWidth !== width) {
      throw new UserError(
        `CLIP's encoders do not fit together: images have ${imageWidth} numbers, texts ${width}`,
        "use the two encoders of one CLIP",
      );
    }
    this.#texts = scope.tensor([planes, width], unitRows(embeddings.data, width));
    this.logits = scope.tensor([planes]);
    this.#logitCotangent = scope.tensor([planes], new Float32Array(planes).fill(-1));
    this.#embedsCotangent = scope.tensor([planes, width]);
    this.#tensors = scope.move();
  }

  /** x̂̄ (P, 3, M, M); {@link evaluate} writes it. */
  get imageCotangent(): Tensor {
    return this.#encoder.cotangent;
  }

  /** Computes x̂̄ of the composites x̂ (P, 3, M, M), 0..1. */
  async evaluate(blended: Tensor): Promise<void> {
    const encoder = this.#encoder;
    const both = { embeds: encoder.output, texts: this.#texts };
    // e = f((x̂ − mean) / std)
    await encoder.forward({ [COMPOSITE]: blended });
    // L = −Σ s·cos(e, t)
    this.#backend.dispatch(similarity, { ...both, result: this.logits }, this.#uniforms);

    // ē = −s/‖e‖ · (t − ⟨e, t⟩/‖e‖² · e)
    const adjoint = { cotangent: this.#logitCotangent, result: this.#embedsCotangent };
    this.#backend.dispatch(similarityAdjoint, { ...both, ...adjoint }, this.#uniforms);
    // x̂̄ = J_fᵀ ē / std
    await encoder.adjoint(this.#embedsCotangent);
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}

/**
 * Creates the loss of some prompts under CLIP. Its image encoder is loaded on first use.
 *
 * @param loader The diffusion model: it keeps the sessions, and none of its own networks is loaded.
 * @param embeddings Of the P prompts, from `embedClipTexts`.
 * @throws {UserError} The graph is not CLIP's image encoder, or the device has too little memory.
 */
export async function createClipLoss(
  loader: NetworkLoader,
  clip: ClipModel,
  embeddings: Embeddings,
): Promise<ClipLoss> {
  const sessions = await loadImageEncoder(loader, clip, embeddings.shape[0]);
  return new ClipLoss(loader.backend, { sessions, embeddings, logitScale: clip.logitScale });
}

/** Loads CLIP's image encoder with its vector-Jacobian product, for P prompts at a time. */
async function loadImageEncoder(
  loader: NetworkLoader,
  clip: ClipModel,
  prompts: number,
): Promise<DifferentiatedSessions> {
  return await loader.keep(`clip ${clip.sha256} ${prompts}`, async () => {
    const { model: vision, externalData } = await clip.graph("vision_model");
    const model = clipGraph(vision, { prompts, input: clip.input });
    const { recompute } = loader;
    const graphs = { model, externalData, recompute, ...NAMES };
    return await loadTogether(loader, prepareDifferentiated("CLIP image encoder", graphs));
  });
}
