import { extname } from "node:path";

const ROOT = new URL("../../", import.meta.url);

const CONTENT_TYPES: Record<string, string> = {
  ".ts": "text/typescript",
  ".json": "application/json",
  ".wgsl": "text/plain",
};

/** The repository as a web server shows it. */
export interface Site extends AsyncDisposable {
  /** Where `mod.ts` is. */
  readonly mod: string;
  /** Paths asked for since the start or the last {@link Site.forget}, e.g. `models/emoji.json`. */
  requests(): readonly string[];
  /** Empties the list of requests. */
  forget(): void;
  /** Answers a path with other bytes than the repository's from now on. */
  replace(path: string, bytes: Uint8Array<ArrayBuffer>): void;
}

/** Serves the repository on a port of this machine. */
export function serveRepository(): Site {
  const requests: string[] = [];
  const replaced = new Map<string, Uint8Array<ArrayBuffer>>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const path = new URL(url).pathname.slice(1);
      requests.push(path);
      const bytes = replaced.get(path) ??
        await Deno.readFile(new URL(path, ROOT)).catch(() => undefined);
      const type = CONTENT_TYPES[extname(path)] ?? "application/octet-stream";
      return bytes
        ? new Response(bytes, { headers: { "content-type": type } })
        : new Response(null, { status: 404 });
    },
  );
  return {
    mod: `http://127.0.0.1:${server.addr.port}/mod.ts`,
    requests: () => requests,
    forget: () => void requests.splice(0),
    replace: (path, bytes) => void replaced.set(path, bytes),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
