import { answerError } from "./answer_error.ts";
import { type ContentHash, hashOfEtag } from "./content_hash.ts";
import type { Hub } from "./hub.ts";
import { follow } from "./request.ts";

/** Where a file can be had just now, and what the server says about it. */
export interface Location {
  /** Direct address; of large files a signed one that expires. */
  readonly url: URL;
  /** Length in bytes, if said. */
  readonly bytes?: number;
  /** Hash of the content, if said. */
  readonly hash?: ContentHash;
  /** What stays the same while the content does, if said. */
  readonly etag?: string;
}

/**
 * Asks where a file is, without downloading any of it: a HEAD request whose redirects are followed,
 * except one that leaves the server and brings the file's hash along. That is the hub's way to a
 * large file, and its link may be signed for downloading only.
 *
 * @param failed What could not be done if this fails, e.g. `Cannot download "x"`.
 * @throws {UserError} If the file may not be had.
 * @throws {TransientError} If the server may answer better later.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "./hub.ts";
 * import { locate } from "./locate.ts";
 *
 * const etag = "0".repeat(64);
 * const headers = { "x-linked-etag": etag, "x-linked-size": "7", location: "https://cdn.example/x" };
 * const hub = await hubFromEnvironment(() => undefined, {
 *   cacheFolder: "cache",
 *   fetch: () => Promise.resolve(new Response(null, { status: 302, headers })),
 * });
 * const url = new URL("ada/dogs/resolve/main/x", hub.endpoint);
 * const { bytes, hash } = await locate(hub, url, "Cannot find it");
 * console.assert(bytes === 7 && hash?.hex === etag);
 * ```
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
  if (!target && !response.ok) throw answerError(response, failed, hub);
  const { headers } = response;
  const etag = headers.get("x-linked-etag") ?? headers.get("etag");
  const bytes = headers.get("x-linked-size") ?? (target ? null : headers.get("content-length"));
  return {
    url: target ?? at,
    hash: hashOfEtag(etag),
    ...(etag !== null && { etag }),
    ...(bytes !== null && { bytes: Number(bytes) }),
  };
}
