import { UserError } from "../errors.ts";
import { VERSION } from "../version.ts";
import { networkReason } from "./network_reason.ts";
import type { Clock } from "./clock.ts";
import type { Hub } from "./hub.ts";
import { refusesToken } from "./hub_token.ts";
import { TransientError } from "./retry.ts";

/** A request's method, headers and signal. */
export interface RequestOptions {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** A server that says nothing for so long has forgotten us. */
const STALL = 60_000;

/**
 * Makes one request, uncompressed and without following redirects. The token goes to the hub's
 * endpoint only, whatever led to the URL. The endpoint refuses every request with a token that is not
 * valid, for public files too: these are had by the same request without it.
 *
 * @returns The answer, whatever its status.
 * @throws {TransientError} If no answer comes.
 */
export async function request(
  hub: Hub,
  url: URL,
  options: RequestOptions = {},
): Promise<Response> {
  const { token } = hub;
  if (!token || token.refused || url.origin !== hub.endpoint.origin) {
    return await ask(hub, url, options);
  }
  const headers = { ...options.headers, authorization: `Bearer ${token.value}` };
  const response = await ask(hub, url, { ...options, headers });
  if (!refusesToken(response)) return response;
  await response.body?.cancel();
  // Of several requests at a time, the first to be refused tells.
  if (!token.refused) {
    token.refused = true;
    hub.onWarning?.(
      `${url.host} says that the token in ${token.source} is invalid; going on without it`,
    );
  }
  return await ask(hub, url, options);
}

/** One request as told, and its answer. */
async function ask(
  hub: Hub,
  url: URL,
  { method = "GET", headers, signal }: RequestOptions,
): Promise<Response> {
  signal?.throwIfAborted();
  const giveUp = new AbortController();
  const init: RequestInit = {
    method,
    redirect: "manual",
    signal: signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal,
    headers: {
      ...headers,
      // Lengths, ranges and hashes are those of the file, not of a compressed form of it.
      "accept-encoding": "identity",
      "user-agent": `peekaboo/${VERSION}`,
    },
  };
  try {
    return await orStalled(hub.clock, hub.fetch(url, init));
  } catch (error) {
    giveUp.abort();
    signal?.throwIfAborted();
    throw asTransient(error);
  }
}

/**
 * The bytes of an answer, as they come.
 *
 * @throws {TransientError} If the connection breaks, or nothing comes for a minute.
 */
export async function* bodyOf(
  response: Response,
  clock: Clock,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await orStalled(clock, reader.read());
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw asTransient(error);
  } finally {
    // Whoever stops reading does not want the rest; a broken stream has none.
    await reader.cancel().catch(() => {});
  }
}

/** The last answer of a row of redirects. */
export interface Followed {
  readonly response: Response;
  /** Who gave it. */
  readonly url: URL;
  /** Where it redirects to, if it is a redirect that was not to be followed. */
  readonly target?: URL;
}

/** More than any honest server needs. */
const MAX_REDIRECTS = 10;

/**
 * Makes a request as {@link request} does, and follows redirects, but never from `https:` to `http:`.
 *
 * @param stopAt Tells which redirects not to follow.
 * @throws {UserError} If redirects lead nowhere.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "./hub.ts";
 * import { follow } from "./request.ts";
 *
 * const hub = await hubFromEnvironment(() => undefined, {
 *   cacheFolder: "cache",
 *   fetch: (input) =>
 *     Promise.resolve(
 *       String(input).endsWith("/a")
 *         ? new Response(null, { status: 307, headers: { location: "/b" } })
 *         : new Response("content"),
 *     ),
 * });
 * const { response, url } = await follow(hub, new URL("a", hub.endpoint), {});
 * console.assert(url.pathname === "/b" && await response.text() === "content");
 * ```
 */
export async function follow(
  hub: Hub,
  url: URL,
  options: RequestOptions,
  stopAt: (redirect: Followed & { target: URL }) => boolean = () => false,
): Promise<Followed> {
  const hint = "check HF_ENDPOINT and the network's proxy";
  const { host } = url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await request(hub, url, options);
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return { response, url };
    }
    await response.body?.cancel();
    const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (!target || target.protocol !== "https:" && target.protocol !== url.protocol) {
      throw new UserError(`Cannot follow ${url.host}: it redirects to "${location}"`, hint);
    }
    if (stopAt({ response, url, target })) return { response, url, target };
    url = target;
  }
  throw new UserError(
    `Cannot follow ${host}: it redirects more than ${MAX_REDIRECTS} times`,
    hint,
  );
}

/** The promise's result, unless it takes longer than {@link STALL}. */
async function orStalled<T>(clock: Clock, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const stalled = clock.sleep(STALL, settled.signal).then(() => {
    throw new TransientError(`nothing arrived for ${STALL / 1000} seconds`);
  });
  // The loser of the race is nobody's business.
  stalled.catch(() => {});
  promise.catch(() => {});
  try {
    return await Promise.race([promise, stalled]);
  } finally {
    settled.abort();
  }
}

/** `fetch` reports whatever goes wrong on the network as a TypeError. */
function asTransient(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new TransientError(networkReason(error), { cause: error });
}
