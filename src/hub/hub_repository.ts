import * as v from "npm:valibot@1.5.0";
import { checkJson } from "../files/check_json.ts";
import { answerError } from "./answer_error.ts";
import { hashOfEtag } from "./content_hash.ts";
import type { Hub } from "./hub.ts";
import { checkRepositoryPath } from "./repository_path.ts";
import { type RemoteFile, type Repository, repositoryLabel } from "./repository.ts";
import { bodyOf, follow } from "./request.ts";
import { withRetries } from "./retry.ts";

const COMMIT = /^[0-9a-f]{40}$/;

const REVISION = v.object({ sha: v.pipe(v.string(), v.regex(COMMIT, "a commit")) });

const BYTES = v.pipe(v.number(), v.integer("a length"), v.minValue(0, "a length"));

const TREE = v.array(v.object({
  type: v.string(),
  path: v.string(),
  size: BYTES,
  oid: v.string(),
  lfs: v.optional(v.object({ oid: v.string(), size: BYTES })),
  xetHash: v.optional(v.string()),
}));

/** Told what keeps a request waiting; see {@link withRetries}. */
export type OnRetry = (reason: string, wait: number) => void;

/**
 * A repository of a hub that speaks Hugging Face's protocol.
 *
 * @param name `owner/name`.
 * @param revision Branch, tag or commit.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "./hub.ts";
 * import { hubRepository } from "./hub_repository.ts";
 *
 * const hub = await hubFromEnvironment(() => undefined, { cacheFolder: "cache" });
 * const { href } = hubRepository(hub, "ada/dogs", "refs/pr/1").url("refs/pr/1", "unet/model.onnx");
 * console.assert(href.endsWith("/ada/dogs/resolve/refs%2Fpr%2F1/unet/model.onnx"));
 * ```
 */
export function hubRepository(
  hub: Hub,
  name: string,
  revision: string,
  onRetry?: OnRetry,
): Repository {
  const failed = `Cannot find "${repositoryLabel({ name, revision })}"`;
  const api = new URL(`api/models/${name}/`, hub.endpoint);
  const get = <T>(url: URL, schema: v.GenericSchema<unknown, T>, signal?: AbortSignal) =>
    withRetries(failed, () => getJson(hub, url, schema, failed, signal), {
      clock: hub.clock,
      signal,
      onRetry,
    });
  return {
    name,
    revision,
    cacheFolder: hub.cacheFolder,
    async commit(signal) {
      if (COMMIT.test(revision)) return revision;
      const url = new URL(`revision/${encodeURIComponent(revision)}`, api);
      return (await get(url, REVISION, signal)).value.sha;
    },
    async list(commit, signal) {
      const files: RemoteFile[] = [];
      let url: URL | undefined = new URL(`tree/${commit}?recursive=true&expand=false`, api);
      while (url) {
        const page: Page<v.InferOutput<typeof TREE>> = await get(url, TREE, signal);
        for (const entry of page.value) {
          if (entry.type !== "file") continue;
          checkRepositoryPath(entry.path, failed);
          // What stands in Git for a large file is a pointer: its own hash is not the content's.
          const oid = entry.lfs?.oid ?? (entry.xetHash === undefined ? entry.oid : null);
          const hash = hashOfEtag(oid);
          files.push({ path: entry.path, bytes: entry.lfs?.size ?? entry.size, hash });
        }
        url = page.next;
      }
      return files;
    },
    url: (commit, path) =>
      new URL(
        `${name}/resolve/${encodeURIComponent(commit)}/` +
          path.split("/").map(encodeURIComponent).join("/"),
        hub.endpoint,
      ),
  };
}

/** One answer of the API, and where the next of its kind is. */
interface Page<T> {
  readonly value: T;
  readonly next: URL | undefined;
}

async function getJson<T>(
  hub: Hub,
  url: URL,
  schema: v.GenericSchema<unknown, T>,
  failed: string,
  signal: AbortSignal | undefined,
): Promise<Page<T>> {
  const { response, url: at } = await follow(hub, url, { signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw answerError(response, failed, hub);
  }
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of bodyOf(response, hub.clock, signal)) pieces.push(piece);
  const text = await new Blob(pieces).text();
  const next = response.headers.get("link")?.match(/<([^>]*)>;\s*rel="next"/)?.[1];
  const hint = "check that HF_ENDPOINT is a hub that speaks Hugging Face's protocol";
  return {
    value: checkJson(schema, text, url.href, hint),
    next: next === undefined ? undefined : new URL(next, at),
  };
}
