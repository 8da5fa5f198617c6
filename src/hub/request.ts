import { UserError } from "../errors.ts";
import { VERSION } from "../version.ts";
import { type ContentHash, hashOfEtag } from "./content_hash.ts";
import type { Hub } from "./hub.ts";
import { refusesToken } from "./hub_token.ts";
import { answerError, networkError } from "./request_error.ts";
import { type Clock, TransientError } from "./retry.ts";

/** Method, headers and signal of a request. */
export interface RequestOptions {
  readonly method?: "GET" | "HEAD" | undefined;
  readonly headers?: Record<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds of silence after which a server counts as gone. */
const STALL = 60_000;

/**
 * Makes one request, uncompressed and without following redirects. The token goes to the hub's
 * endpoint only, whatever led to the URL. The endpoint refuses every request with an invalid token,
 * even for public files, so a refused request is made again without the token.
 *
 * @returns The answer, whatever its status.
 * @throws {TransientError} No answer comes.
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
  // Several requests at a time may be refused; the user is told once.
  if (!token.refused) {
    token.refused = true;
    hub.onWarning?.(
      `${url.host} says that the token in ${token.source} is invalid; going on without it`,
    );
  }
  return await ask(hub, url, options);
}

/** Makes one request with exactly these headers. */
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
      // Lengths, ranges and hashes must be those of the file, not of a compressed form of it.
      "accept-encoding": "identity",
      "user-agent": `peekaboo/${VERSION}`,
    },
  };
  try {
    return await orStalled(hub.clock, hub.fetch(url, init));
  } catch (error) {
    giveUp.abort();
    signal?.throwIfAborted();
    throw networkError(error);
  }
}

/**
 * Gives the bytes of an answer as they arrive.
 *
 * @throws {TransientError} The connection breaks, or nothing arrives for a minute.
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
    throw networkError(error);
  } finally {
    // A caller that stops reading does not want the rest; a broken stream refuses to be cancelled.
    await reader.cancel().catch(() => {});
  }
}

/** The last answer of a chain of redirects. */
export interface Followed {
  readonly response: Response;
  /** The address that gave it. */
  readonly url: URL;
  /** The target, if the answer is a redirect that was not to be followed. */
  readonly target?: URL;
}

/** More redirects than any honest server needs. */
const MAX_REDIRECTS = 10;

/**
 * Makes a request as {@link request} does and follows redirects, but never from `https:` to `http:`.
 *
 * @param stopAt Tells which redirects are not followed.
 * @throws {UserError} Redirects lead nowhere.
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

/** The present address of a file, and the facts that the server tells about it. */
export interface Location {
  /** Direct address; that of a large file is signed and expires. */
  readonly url: URL;
  /** Length in bytes, if told. */
  readonly bytes?: number;
  /** Hash of the content, if the hub tells it. A mirror's own ETag may be any digest, or none. */
  readonly hash?: ContentHash | undefined;
  /** A tag that changes with the content, if told; without the mark of a weak one. */
  readonly etag?: string;
}

/**
 * Asks where a file is, by a HEAD request whose redirects are followed, except one that leaves the
 * server and carries the file's hash: so the hub points to a large file, and the link may be signed
 * for downloads only.
 *
 * @param failed The action that fails if this does, e.g. `Cannot download "x"`.
 * @throws {UserError} The server refuses the file.
 * @throws {TransientError} The server may give a better answer later.
 */
export async function locate(
  hub: Hub,
  url: URL,
  failed: string,
  signal?: AbortSignal,
): Promise<Location> {
  const { response, url: at, target } = await follow(
    hub,
    url,
    { method: "HEAD", signal },
    (redirect) =>
      redirect.target.origin !== redirect.url.origin &&
      redirect.response.headers.has("x-linked-etag"),
  );
  await response.body?.cancel();
  if (!target && refusesHead(response, at.origin !== url.origin)) return { url: at };
  if (!target && !response.ok) throw answerError(response, failed, hub);
  const { headers } = response;
  const linked = headers.get("x-linked-etag");
  const etag = (linked ?? headers.get("etag"))?.replace(/^W\//, "");
  const bytes = headers.get("x-linked-size") ?? (target ? null : headers.get("content-length"));
  return {
    url: target ?? at,
    hash: hashOfEtag(linked),
    ...(etag !== undefined && { etag }),
    ...(bytes !== null && { bytes: Number(bytes) }),
  };
}

/** Whether a HEAD request is refused where the file itself may be given: a link signed for downloads. */
function refusesHead({ status }: Response, elsewhere: boolean): boolean {
  return status === 405 || status === 501 || status === 403 && elsewhere;
}

/** Gives the promise's result, unless that takes longer than {@link STALL}. */
async function orStalled<T>(clock: Clock, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const stalled = clock.sleep(STALL, settled.signal).then(() => {
    throw new TransientError(`nothing arrived for ${STALL / 1000} seconds`);
  });
  // Nobody awaits the loser of the race.
  stalled.catch(() => {});
  promise.catch(() => {});
  try {
    return await Promise.race([promise, stalled]);
  } finally {
    settled.abort();
  }
}
