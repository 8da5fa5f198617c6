import type { Backend, DType, HostArray, Tensor } from "./backend.ts";

/**
 * Tensors that are freed together. An owner of tensors allocates all of them from a scope, and
 * {@link move}s them to itself once it has the last: if an allocation fails before, leaving the
 * scope frees those already made.
 */
export class TensorScope implements Disposable {
  readonly #backend: Backend;
  readonly #owned = new DisposableStack();

  /** @param backend Where the tensors are allocated. */
  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** A new tensor of the scope's, zero unless `data` is given (its length must fit `shape`). */
  tensor(shape: readonly number[], data?: HostArray, dtype?: DType): Tensor {
    return this.use(this.#backend.tensor(shape, data, dtype));
  }

  /** Takes over what was made elsewhere. */
  use<T extends Disposable>(owned: T): T {
    return this.#owned.use(owned);
  }

  /** Moves everything to the returned owner; the scope then owns nothing. */
  move(): Disposable {
    return this.#owned.move();
  }

  /** Frees everything that was not moved. */
  [Symbol.dispose]() {
    this.#owned.dispose();
  }
}
