const ROOT = new URL("../../", import.meta.url);

/** Hosts of raw files call everything plain text, and forbid to guess. */
const HEADERS = {
  "content-type": "text/plain; charset=utf-8",
  "x-content-type-options": "nosniff",
};

/** The repository as a host of raw files shows it. */
export interface Site extends AsyncDisposable {
  /** Where `mod.ts` is. */
  readonly mod: string;
  /** Paths asked for since the start or the last {@link Site.forget}, e.g. `models/emoji.json`. */
  requests(): readonly string[];
  /** Empties the list of requests. */
  forget(): void;
  /** Answers a path with other bytes than the repository's from now on. */
  replace(path: string, bytes: Uint8Array<ArrayBuffer>): void;
  /** Answers the next request for a path with 429: to come again in a second. */
  limit(path: string): void;
}

/** Serves the repository on a port of this machine. */
export function serveRepository(): Site {
  const requests: string[] = [];
  const replaced = new Map<string, Uint8Array<ArrayBuffer>>();
  const limited = new Set<string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const path = new URL(url).pathname.slice(1);
      requests.push(path);
      if (limited.delete(path)) {
        const headers = { ...HEADERS, "retry-after": "1" };
        return new Response("Too Many Requests", { status: 429, headers });
      }
      const bytes = replaced.get(path) ??
        await Deno.readFile(new URL(path, ROOT)).catch(() => undefined);
      return bytes
        ? new Response(bytes, { headers: HEADERS })
        : new Response(null, { status: 404, headers: HEADERS });
    },
  );
  return {
    mod: `http://127.0.0.1:${server.addr.port}/mod.ts`,
    requests: () => requests,
    forget: () => void requests.splice(0),
    replace: (path, bytes) => void replaced.set(path, bytes),
    limit: (path) => void limited.add(path),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
