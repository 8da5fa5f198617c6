import type { Recompute } from "../autodiff/recompute.ts";
import type { Backend } from "../backend/backend.ts";

/** A device that loads networks, and keeps those that it loaded. */
export interface NetworkLoader {
  readonly backend: Backend;
  /** The values that a derivative computes twice to hold less; `cheap` by default. */
  readonly recompute?: Recompute | undefined;
  /** Whether to load networks for which the device seems to have too little memory. */
  readonly force?: boolean | undefined;
  /** Loads networks on first use and keeps them, as {@link SessionCache.keep} does. */
  keep: SessionCache["keep"];
}

/** Networks that were loaded once and are kept until disposal. */
export class SessionCache implements Disposable {
  readonly #owner: string;
  readonly #kept = new Map<string, Promise<object>>();
  readonly #sessions = new DisposableStack();

  /** @param owner The owner's name in messages. */
  constructor(owner: string) {
    this.#owner = owner;
  }

  /**
   * Loads networks on first use and keeps them. A failed attempt is not kept.
   *
   * @param key Names the networks, and everything that they were prepared for.
   * @throws The cache was disposed of, before or while `load` ran.
   */
  async keep<T extends object>(key: string, load: () => Promise<T & Disposable>): Promise<T> {
    this.checkOpen();
    const kept = this.#kept.get(key);
    if (kept) return await kept as T;
    const loading = this.#load(load);
    this.#kept.set(key, loading);
    loading.catch(() => this.#kept.delete(key));
    return await loading;
  }

  async #load<T>(load: () => Promise<T & Disposable>): Promise<T> {
    using stack = new DisposableStack();
    const networks = stack.use(await load());
    // The cache may have been disposed of meanwhile.
    this.checkOpen();
    this.#sessions.use(stack.move());
    return networks;
  }

  /** @throws The cache was disposed of. */
  checkOpen() {
    if (this.#sessions.disposed) {
      throw new Error(`${this.#owner} is used after it was disposed of`);
    }
  }

  [Symbol.dispose]() {
    this.#sessions.dispose();
    this.#kept.clear();
  }
}
