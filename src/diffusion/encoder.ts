import type { Backend, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import {
  DifferentiatedNetwork,
  type DifferentiatedSessions,
} from "../networks/differentiated_network.ts";
import { COMPOSITE, LATENTS, POSTERIOR_NOISE } from "./encoder_graph.ts";

/** The two halves of the encoder's vector-Jacobian product, loaded. */
export type EncoderSessions = DifferentiatedSessions;

/** The stage *encode*: z = s·E(2x̂−1), and its adjoint x̂̄ = 2s·J_Eᵀ z̄. */
export class Encoder implements Disposable {
  /** N(0, 1) for the posterior's sample, if it is sampled; written by the draws. */
  readonly posteriorNoise: Tensor | undefined;
  readonly #network: DifferentiatedNetwork;
  readonly #tensors: Disposable;

  constructor(backend: Backend, sessions: EncoderSessions) {
    using scope = new TensorScope(backend);
    this.#network = scope.use(
      new DifferentiatedNetwork(backend, sessions, { of: LATENTS, wrt: COMPOSITE }),
    );
    const noise = sessions.forward.inputs.find(({ name }) => name === POSTERIOR_NOISE);
    // Shapes are fixed, so every dimension is a number.
    this.posteriorNoise = noise && scope.tensor(noise.shape as number[], undefined, noise.dtype);
    this.#tensors = scope.move();
  }

  /** z (P, C, h, w), written by {@link forward}. */
  get latents(): Tensor {
    return this.#network.output;
  }
  /** x̂̄ (P, 3, M, M), written by {@link adjoint}. */
  get imageCotangent(): Tensor {
    return this.#network.cotangent;
  }

  /** z from x̂ (P, 3, M, M), 0..1, which must stay unchanged until {@link adjoint}. */
  async forward(blended: Tensor) {
    const noise = this.posteriorNoise;
    await this.#network.forward({
      [COMPOSITE]: blended,
      ...(noise && { [POSTERIOR_NOISE]: noise }),
    });
  }

  /** x̂̄ from z̄ (P, C, h, w), at the x̂ of the last {@link forward}. */
  async adjoint(latentCotangent: Tensor) {
    await this.#network.adjoint(latentCotangent);
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
