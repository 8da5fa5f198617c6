import type { HostTensor, Session, Tensor, TensorInfo } from "./backend.ts";
import { inTurn, type Ort, type OrtSession, tensorInfos } from "./ort.ts";

/** A {@link Session} over one of ONNX Runtime's; a backend says how its tensors go in and out. */
export abstract class OrtBackedSession implements Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The build of ONNX Runtime that the session is of. */
  protected readonly ort: Ort;
  #session: OrtSession | undefined;
  readonly #release: () => void;

  /** @param release Told once, when the session is disposed of. */
  constructor(ort: Ort, session: OrtSession, release: () => void) {
    this.ort = ort;
    this.#session = session;
    this.#release = release;
    this.inputs = tensorInfos(session.inputMetadata);
    this.outputs = tensorInfos(session.outputMetadata);
  }

  /** ONNX Runtime's session. */
  protected get session(): OrtSession {
    if (!this.#session) throw new Error("Session is used after it was disposed of");
    return this.#session;
  }

  abstract run(
    feeds: Readonly<Record<string, Tensor | HostTensor>>,
    fetches: Readonly<Record<string, Tensor>>,
  ): Promise<void>;

  [Symbol.dispose]() {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    // A lost GPU cannot release it, and whoever waits for its results is told of the loss.
    inTurn(() => session.release()).catch(() => {});
    this.#release();
  }
}
