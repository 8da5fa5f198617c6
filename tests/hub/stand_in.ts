/**
 * A stand-in for the hub, for tests: a server that speaks its protocol, and one for its CDN.
 *
 * @module
 */
import { SYSTEM_CLOCK } from "../../src/hub/retry.ts";
import type { Hub } from "../../src/hub/hub.ts";
import { answerAsHub, ranged, refuseToken, type Revisions, type Seen, sha256 } from "./answers.ts";

/** Answers a request in the server's place, or lets it do so. */
export type Fault = (
  seen: Seen,
  answer: () => Response,
) => Response | Promise<Response> | undefined;

export interface StandIn extends AsyncDisposable {
  /** As `HF_ENDPOINT`. */
  readonly endpoint: URL;
  readonly cdn: URL;
  /** A folder that is removed at the end. */
  readonly folder: string;
  /** The hub with an empty cache and a clock on which no time passes. */
  readonly hub: Hub;
  /** All requests so far. */
  readonly requests: Seen[];
  /** A misbehaviour of both servers. */
  fault: Fault;
  /** Tokens that are valid just now. */
  readonly tokens: Set<string>;
  /** Repositories that only valid tokens may see. */
  readonly hidden: Set<string>;
  /** Links to the CDN are good until this is called. */
  expireLinks(): void;
}

/** Bytes that differ by place and seed. */
export function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed * 2654435761 + 1 >>> 0;
  return Uint8Array.from({ length }, () => {
    state = state * 1664525 + 1013904223 >>> 0;
    return state >>> 24;
  });
}

/** Starts both servers. */
export async function standIn(repositories: Readonly<Record<string, Revisions>>): Promise<StandIn> {
  const folder = await Deno.makeTempDir({ prefix: "peekaboo-hub-" });
  const requests: Seen[] = [];
  let signature = 1;
  const serve = (
    host: Seen["host"],
    hostname: string,
    answer: (seen: Seen, url: URL) => Response,
  ) =>
    Deno.serve({ port: 0, hostname, onListen() {} }, async (request) => {
      const url = new URL(request.url);
      const { method, headers } = request;
      const seen: Seen = { host, method, path: url.pathname + url.search, headers };
      requests.push(seen);
      return await self.fault(seen, () => answer(seen, url)) ?? answer(seen, url);
    });
  const cdn = serve("cdn", "127.0.0.1", (seen, url) => {
    // Its links are signed, and it refuses a token besides.
    if (seen.headers.has("authorization")) return new Response(null, { status: 400 });
    if (url.searchParams.get("signature") !== String(signature)) {
      return new Response(null, { status: 403 });
    }
    const hash = url.pathname.slice(1);
    const contents = Object.values(repositories).flatMap(Object.values).flatMap(Object.values);
    const bytes = contents.find((content) => sha256(content) === hash);
    return bytes ? ranged(seen, bytes) : new Response(null, { status: 404 });
  });
  const hubServer = serve(
    "hub",
    "localhost",
    (seen, url) => {
      const shown = seen.headers.get("authorization");
      const known = shown !== null && self.tokens.has(shown.replace("Bearer ", ""));
      if (shown !== null && !known) return refuseToken();
      const visible = Object.entries(repositories).filter(([name]) =>
        known || !self.hidden.has(name)
      );
      return answerAsHub(seen, url, Object.fromEntries(visible), self.cdn, signature);
    },
  );
  const endpoint = new URL(`http://localhost:${hubServer.addr.port}/`);
  const self: StandIn = {
    endpoint,
    cdn: new URL(`http://127.0.0.1:${cdn.addr.port}/`),
    folder,
    requests,
    fault: () => undefined,
    tokens: new Set(["secret"]),
    hidden: new Set(),
    expireLinks: () => signature++,
    hub: {
      endpoint,
      offline: false,
      cacheFolder: `${folder}/hub`,
      releasesFolder: `${folder}/releases`,
      fetch,
      clock: impatientClock(),
      freeBytes: () => Promise.resolve(undefined),
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([hubServer.shutdown(), cdn.shutdown()]);
      await Deno.remove(folder, { recursive: true });
    },
  };
  return self;
}

/** A clock that waits for nothing but a server that does not answer at all. */
export function impatientClock(slept: number[] = []): Hub["clock"] {
  return {
    now: () => 1e12,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      if (milliseconds === 60_000) return SYSTEM_CLOCK.sleep(2 ** 30, signal);
      slept.push(milliseconds);
      return SYSTEM_CLOCK.sleep(0, signal);
    },
  };
}
