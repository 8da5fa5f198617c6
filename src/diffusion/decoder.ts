import type { Backend, Session, Tensor } from "../backend/backend.ts";
import { COMPOSITE, LATENTS } from "./encoder_graph.ts";

/** The stage *decode*: x = (D(z/s) + 1) / 2, from latents to images. */
export class Decoder implements Disposable {
  /** x (P, 3, H, W), about 0..1, written by {@link forward}. */
  readonly images: Tensor;
  readonly #session: Session;

  /** @param session A model made by `decoderGraph`, loaded. */
  constructor(backend: Backend, session: Session) {
    this.#session = session;
    // Shapes are fixed, so every dimension is a number.
    this.images = backend.tensor(session.outputs[0].shape as number[]);
  }

  /** x from z (P, C, h, w). */
  async forward(latents: Tensor) {
    await this.#session.run({ [LATENTS]: latents }, { [COMPOSITE]: this.images });
  }

  [Symbol.dispose]() {
    this.images[Symbol.dispose]();
  }
}
