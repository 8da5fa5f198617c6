import type { Hub } from "./hub.ts";
import type { PartFile } from "./part_file.ts";
import { bodyOf, follow, type Location } from "./request.ts";
import { busyError } from "./request_error.ts";
import { type OnRetry, TransientError, withRetries } from "./retry.ts";

/** Options of {@link fetchPart}. */
export interface FetchPartOptions {
  readonly hub: Hub;
  /** The action that fails if this does, e.g. `Cannot download "x"`. */
  readonly failed: string;
  /** Finds where the file is; it is asked again when the link has expired. */
  readonly locate: () => Promise<Location>;
  /** Requests at a time. */
  readonly connections: number;
  readonly signal?: AbortSignal | undefined;
  /** Is told how many bytes of the file have arrived; fewer than before if the file starts again. */
  readonly onBytes?: ((received: number) => void) | undefined;
  readonly onRetry?: OnRetry | undefined;
}

/** The server ignored the range of a request and sent the whole file. */
class RangeIgnored extends Error {}

/**
 * Fetches the missing chunks of a file by `Range` requests, several at a time; each goes on where its
 * connection broke. A server that knows no ranges is asked for the whole file in one request.
 *
 * @throws {UserError} The attempts fail, or the server refuses the file by now. `part` keeps the
 * bytes that have arrived.
 */
export async function fetchPart(part: PartFile, options: FetchPartOptions): Promise<void> {
  const transfer = new Transfer(part, options);
  try {
    await transfer.fetchChunks();
  } catch (error) {
    if (!(error instanceof RangeIgnored)) throw error;
    part.restart();
    await transfer.fetchWhole();
  }
}

class Transfer {
  readonly #part: PartFile;
  readonly #options: FetchPartOptions;
  #link: Promise<Location> | undefined;
  #received: number;

  constructor(part: PartFile, options: FetchPartOptions) {
    this.#part = part;
    this.#options = options;
    this.#received = part.map.received;
  }

  async fetchChunks(): Promise<void> {
    const queue = this.#part.map.missing();
    const failure = new AbortController();
    const { signal = failure.signal, connections } = this.#options;
    const stop = AbortSignal.any([signal, failure.signal]);
    const work = async () => {
      try {
        for (let chunk; (chunk = queue.shift()) !== undefined;) await this.#fetchChunk(chunk, stop);
      } catch (error) {
        failure.abort(error); // Stops the other chunks; the first reason is the one that is thrown.
      }
    };
    await Promise.all(Array.from({ length: Math.min(connections, queue.length) }, work));
    failure.signal.throwIfAborted();
  }

  async #fetchChunk(chunk: number, signal: AbortSignal): Promise<void> {
    const { start, end } = this.#part.map.range(chunk);
    using writer = await this.#part.writeFrom(start);
    let at = start;
    await this.#retry(signal, async (location) => {
      const whole = at === 0 && end === this.#part.map.file.bytes;
      const headers = { ...(!whole && { range: `bytes=${at}-${end - 1}` }) };
      const response = await this.#get(location, headers, signal);
      const range = response.headers.get("content-range");
      if (!whole && response.status === 206 && !range?.startsWith(`bytes ${at}-`)) {
        await response.body?.cancel();
        throw new TransientError(`the server answered with the range "${range}"`);
      }
      if (!whole && response.status !== 206) {
        await response.body?.cancel();
        throw new RangeIgnored();
      }
      const before = at;
      try {
        for await (const bytes of bodyOf(response, this.#options.hub.clock, signal)) {
          if (at + bytes.length > end) throw new TransientError("more arrived than was asked for");
          await writer.write(bytes);
          at += bytes.length;
          this.#count(bytes.length);
        }
        if (at < end) throw new TransientError("the connection was closed early");
      } catch (error) {
        if (!(error instanceof TransientError) || at === before) throw error;
        throw new TransientError(error.message, { progressed: true, cause: error });
      }
    });
    this.#part.markDone(chunk);
  }

  async fetchWhole(): Promise<void> {
    const { signal, hub } = this.#options;
    await this.#retry(signal, async (location) => {
      const response = await this.#get(location, {}, signal);
      using writer = await this.#part.writeFrom(0);
      let at = 0;
      this.#count(-this.#received);
      for await (const bytes of bodyOf(response, hub.clock, signal)) {
        at += bytes.length;
        if (at > this.#part.map.file.bytes) break;
        await writer.write(bytes);
        this.#count(bytes.length);
      }
      if (at !== this.#part.map.file.bytes) {
        throw new TransientError("the connection was closed early");
      }
    });
    for (const chunk of this.#part.map.missing()) this.#part.markDone(chunk);
  }

  #count(bytes: number): void {
    this.#received += bytes;
    this.#options.onBytes?.(this.#received);
  }

  /** Retries with the file's link, which all chunks share until an attempt with it fails. */
  #retry<T>(signal: AbortSignal | undefined, attempt: (at: Location) => Promise<T>): Promise<T> {
    const { hub, failed, locate, onRetry } = this.#options;
    return withRetries(failed, async () => {
      const link = this.#link ??= locate();
      try {
        return await attempt(await link);
      } catch (error) {
        // A fresh link does no harm, and asking for it tells more about the failure.
        if (this.#link === link) this.#link = undefined;
        throw error;
      }
    }, { clock: hub.clock, signal, onRetry });
  }

  /** Asks for the file, or a range of it, and follows redirects. */
  async #get(
    { url }: Location,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { hub } = this.#options;
    const { response } = await follow(hub, url, { headers, signal });
    if (response.ok) return response;
    await response.body?.cancel();
    throw busyError(response, hub.clock);
  }
}
