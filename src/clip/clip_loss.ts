import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import {
  DifferentiatedNetwork,
  type DifferentiatedSessions,
} from "../networks/differentiated_network.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { UserError } from "../errors.ts";
import type { ClipModel } from "../prompt/clip_model.ts";
import type { Embeddings } from "../prompt/embed.ts";
import { COMPOSITE, IMAGE_EMBEDS } from "./clip_graph.ts";
import { clipNetworks } from "./clip_networks.ts";
import { similarity, similarityAdjoint } from "./similarity.ts";
import { unitRows } from "./unit_rows.ts";

/** What a {@link ClipLoss} computes with. */
export interface ClipLossSettings {
  /** The image encoder, loaded for P images. */
  readonly sessions: DifferentiatedSessions;
  /** Embeddings of the P prompts (P, 1, D), of any length. */
  readonly embeddings: Embeddings;
  /** What a cosine similarity is multiplied by. */
  readonly logitScale: number;
}

/**
 * The paper's *CLIP variant*: L = −Σ_p s·cos(e_p, t_p), minus CLIP's logit of each composite and its
 * prompt. Nothing is random but the background colours, and no diffusion network is run.
 */
export class ClipLoss implements Disposable {
  /** s·cos(e, t) of each composite (P), written by {@link evaluate}. */
  readonly logits: Tensor;
  readonly #backend: Backend;
  readonly #encoder: DifferentiatedNetwork;
  readonly #texts: Tensor;
  /** −1 a prompt: the loss is minus the logit. */
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
    const names = { of: IMAGE_EMBEDS, wrt: COMPOSITE };
    this.#encoder = scope.use(new DifferentiatedNetwork(backend, sessions, names));
    const [, imageWidth] = this.#encoder.output.shape;
    if (imageWidth !== width) {
      throw new UserError(
        `CLIP's encoders do not fit together: images have ${imageWidth} numbers, texts ${width}`,
        "use encoders of one and the same CLIP",
      );
    }
    this.#texts = scope.tensor([planes, width], unitRows(embeddings.data, width));
    this.logits = scope.tensor([planes]);
    this.#logitCotangent = scope.tensor([planes], new Float32Array(planes).fill(-1));
    this.#embedsCotangent = scope.tensor([planes, width]);
    this.#tensors = scope.move();
  }

  /** x̂̄ (P, 3, M, M), written by {@link evaluate}. */
  get imageCotangent(): Tensor {
    return this.#encoder.cotangent;
  }

  /** x̂̄ of the composites x̂ (P, 3, M, M), 0..1. */
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
 * The loss of some prompts under CLIP, whose image encoder is loaded on first use.
 *
 * @param embeddings Of the P prompts, from `embedClipTexts`.
 * @throws {UserError} The encoder is none, or the device has not enough memory for it.
 *
 * @example
 * ```ts
 * import { fileURLToPath } from "node:url";
 * import { loadModel } from "../models/load_model.ts";
 * import { openClipModel } from "../models/open_clip.ts";
 * import { createClipLoss } from "./clip_loss.ts";
 * import { embedClipTexts } from "./embed_texts.ts";
 *
 * const folder = new URL("../../tests/fixtures/companions/clip", import.meta.url);
 * const clip = await openClipModel(fileURLToPath(folder));
 * await using model = await loadModel("emoji", { device: "cpu", loss: "clip" });
 * const embeddings = await embedClipTexts(model, clip, ["a dog"]);
 * using loss = await createClipLoss(model, clip, embeddings);
 * using blended = model.backend.tensor([1, 3, 48, 48]);
 * await loss.evaluate(blended);
 * const [logit] = await model.backend.read(loss.logits);
 * console.assert(Math.abs(logit) <= clip.logitScale);
 * ```
 */
export async function createClipLoss(
  model: DiffusionModel,
  clip: ClipModel,
  embeddings: Embeddings,
): Promise<ClipLoss> {
  const sessions = await clipNetworks(model, clip, embeddings.shape[0]);
  return new ClipLoss(model.backend, { sessions, embeddings, logitScale: clip.logitScale });
}
