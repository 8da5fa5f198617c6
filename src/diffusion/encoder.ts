import type { Backend, Session, Tensor } from "../backend/backend.ts";
import { TensorScope } from "../backend/tensor_scope.ts";
import { cotangentName } from "../autodiff/vjp.ts";
import { LATENTS, PICTURE, POSTERIOR_NOISE } from "./encoder_graph.ts";

/** The two halves of the encoder's vector-Jacobian product, loaded. */
export interface EncoderSessions {
  /** x̂ → z and the residuals. */
  readonly forward: Session;
  /** Residuals and z̄ → x̂̄. */
  readonly backward: Session;
}

/**
 * The stage *encode*: z = s·E(2x̂−1), and its adjoint x̂̄ = 2s·J_Eᵀ z̄. The residuals stay on the
 * device between the two.
 */
export class Encoder implements Disposable {
  /** z (P, C, h, w), written by {@link forward}. */
  readonly latents: Tensor;
  /** x̂̄ (P, 3, M, M), written by {@link adjoint}. */
  readonly imageCotangent: Tensor;
  /** N(0, 1) for the posterior's sample, if it is sampled; written by the draws. */
  readonly posteriorNoise: Tensor | undefined;
  readonly #sessions: EncoderSessions;
  /** Outputs of `forward` by name: z and the residuals. */
  readonly #outputs: Record<string, Tensor>;
  readonly #tensors: Disposable;
  #blended: Tensor | undefined;

  constructor(backend: Backend, sessions: EncoderSessions) {
    const { forward, backward } = sessions;
    using scope = new TensorScope(backend);
    // Shapes are fixed, so every dimension is a number.
    const allocate = ({ shape, dtype }: Session["outputs"][number]) =>
      scope.tensor(shape as number[], undefined, dtype);
    this.#sessions = sessions;
    this.#outputs = Object.fromEntries(forward.outputs.map((info) => [info.name, allocate(info)]));
    this.latents = this.#outputs[LATENTS];
    this.imageCotangent = allocate(backward.outputs[0]);
    const noise = forward.inputs.find(({ name }) => name === POSTERIOR_NOISE);
    this.posteriorNoise = noise && allocate(noise);
    this.#tensors = scope.move();
  }

  /** z from x̂ (P, 3, M, M), 0..1, which must stay unchanged until {@link adjoint}. */
  async forward(blended: Tensor) {
    this.#blended = blended;
    await this.#sessions.forward.run(this.#inputs(this.#sessions.forward), this.#outputs);
  }

  /** x̂̄ from z̄ (P, C, h, w), at the x̂ of the last {@link forward}. */
  async adjoint(latentCotangent: Tensor) {
    const { backward } = this.#sessions;
    await backward.run(
      { ...this.#inputs(backward), [cotangentName(LATENTS)]: latentCotangent },
      { [cotangentName(PICTURE)]: this.imageCotangent },
    );
  }

  /** Those of x̂, the posterior's noise and the residuals that a half reads. */
  #inputs({ inputs }: Session): Record<string, Tensor> {
    const known: Record<string, Tensor | undefined> = {
      ...this.#outputs,
      [PICTURE]: this.#blended,
      [POSTERIOR_NOISE]: this.posteriorNoise,
    };
    return Object.fromEntries(
      inputs.flatMap(({ name }) => known[name] ? [[name, known[name]]] : []),
    );
  }

  [Symbol.dispose]() {
    this.#tensors[Symbol.dispose]();
  }
}
