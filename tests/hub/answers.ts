/**
 * Answers of the hub and its CDN.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** A request that one of the servers got. */
export interface Seen {
  readonly host: "hub" | "cdn";
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
}

/** Files of a repository by revision and path. */
export type Revisions = Readonly<Record<string, Readonly<Record<string, Uint8Array<ArrayBuffer>>>>>;

/** Files of this length and more are large ones, in the CDN. */
const LARGE = 200;
/** Entries on a page of the tree. */
const PAGE = 3;

export function sha256(bytes: Uint8Array): string {
  const hex = hashes.get(bytes) ?? createHash("sha256").update(bytes).digest("hex");
  hashes.set(bytes, hex);
  return hex;
}
/** The servers look their files up by hash, at each request. */
const hashes = new WeakMap<Uint8Array, string>();
export const gitSha1 = (bytes: Uint8Array) =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** A commit's name, made up from the revision. */
export function commitOf(revision: string): string {
  return createHash("sha1").update(revision).digest("hex");
}

/** All of some bytes, or the range asked for. */
export function ranged({ method, headers }: Seen, bytes: Uint8Array<ArrayBuffer>): Response {
  const [, from, to] = headers.get("range")?.match(/^bytes=(\d+)-(\d*)$/) ?? [];
  if (method === "HEAD" || from === undefined) {
    return new Response(method === "HEAD" ? null : bytes, {
      headers: { "content-length": String(bytes.length) },
    });
  }
  const start = Number(from);
  const end = Math.min(to ? Number(to) + 1 : bytes.length, bytes.length);
  if (start >= bytes.length) return new Response(null, { status: 416 });
  return new Response(bytes.subarray(start, end), {
    status: 206,
    headers: { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` },
  });
}

/** An answer that breaks off after `length` bytes though more was announced. */
export async function cut(answer: Response, length: number): Promise<Response> {
  const bytes = await answer.bytes();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, length));
      controller.close();
    },
  });
  const headers = new Headers(answer.headers);
  headers.set("content-length", String(bytes.length));
  return new Response(body, { status: answer.status, headers });
}

/** The answer to a request with an invalid token, even for a public file. */
export function refuseToken(): Response {
  const message = "Invalid credentials in Authorization header";
  return Response.json({ error: message }, {
    status: 401,
    headers: { "x-error-message": message },
  });
}

/** Answers as the hub, whose links to large files lead to the CDN. */
export function answerAsHub(
  { method, headers }: Seen,
  url: URL,
  repositories: Readonly<Record<string, Revisions>>,
  cdn: URL,
  signature: number,
): Response {
  const api = url.pathname.match(/^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/);
  const file = url.pathname.match(
    /^(\/api\/resolve-cache\/models)?\/([^/]+\/[^/]+)\/(resolve\/)?([^/]+)\/(.+)$/,
  );
  const name = api?.[1] ?? file?.[2] ?? "";
  const revisions = repositories[name];
  if (!revisions) return error(401, "RepoNotFound", "Invalid username or password.");
  const asked = decodeURIComponent(api?.[3] ?? file?.[4] ?? "");
  const revision = Object.keys(revisions).find((r) => r === asked || commitOf(r) === asked);
  if (revision === undefined) return error(404, "RevisionNotFound", `Invalid rev id: ${asked}`);
  const files = revisions[revision];
  const commit = commitOf(revision);

  if (api?.[2] === "revision") return Response.json({ id: name, sha: commit });
  if (api) {
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const entries = [
      { type: "directory", path: "unet", size: 0, oid: "0".repeat(40) },
      ...Object.entries(files).map(([path, bytes]) => ({
        type: "file",
        path,
        size: bytes.length,
        oid: gitSha1(bytes),
        ...(bytes.length >= LARGE && {
          oid: gitSha1(new TextEncoder().encode(`pointer to ${path}`)),
          lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 },
          xetHash: sha256(bytes),
        }),
      })),
    ];
    const more = from + PAGE < entries.length;
    url.searchParams.set("cursor", String(from + PAGE));
    return Response.json(entries.slice(from, from + PAGE), {
      headers: more ? { link: `<${url.href}>; rel="next"` } : {},
    });
  }
  const path = decodeURIComponent(file![5]);
  const bytes = files[path];
  if (!bytes) return error(404, "EntryNotFound", "Entry not found", { "x-repo-commit": commit });
  if (bytes.length >= LARGE) {
    return new Response(null, {
      status: 302,
      headers: {
        "x-repo-commit": commit,
        "x-linked-etag": `"${sha256(bytes)}"`,
        "x-linked-size": String(bytes.length),
        location: new URL(`/${sha256(bytes)}?signature=${signature}`, cdn).href,
      },
    });
  }
  if (!file![1]) {
    const location = `/api/resolve-cache/models/${name}/${commit}/${file![5]}`;
    return new Response(null, { status: 307, headers: { location, "x-repo-commit": commit } });
  }
  // A client that accepts it gets the file compressed, with the length of that form.
  const packed: Uint8Array<ArrayBuffer> = headers.get("accept-encoding") === "identity"
    ? bytes
    : new Uint8Array(gzipSync(bytes));
  const answer = ranged({ host: "hub", method, path, headers }, packed);
  if (packed !== bytes) answer.headers.set("content-encoding", "gzip");
  answer.headers.set("etag", `W/"${gitSha1(bytes)}"`);
  answer.headers.set("x-repo-commit", commit);
  return answer;
}

function error(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(null, {
    status,
    headers: { "x-error-code": code, "x-error-message": message, ...headers },
  });
}
