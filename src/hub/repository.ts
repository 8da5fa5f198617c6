import * as v from "npm:valibot@1.5.0";
import { UserError } from "../errors.ts";
import { checkConfig } from "../files/check_json.ts";
import { type ContentHash, hashOfEtag } from "./content_hash.ts";
import type { Hub } from "./hub.ts";
import { bodyOf, follow, locate } from "./request.ts";
import { answerError } from "./request_error.ts";
import { type OnRetry, withRetries } from "./retry.ts";

/** A file of a repository. */
export interface RemoteFile {
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** Hash of the content, unless only a download can tell. */
  readonly hash?: ContentHash | undefined;
}

/** The files of a model at a revision, on a hub or attached to a release. */
export interface Repository {
  /** `owner/name`. */
  readonly name: string;
  /** Branch, tag or commit, as the user gave it. */
  readonly revision: string;
  /** Folder of its cache, in the Hugging Face layout. */
  readonly cacheFolder: string;
  /** Asks which commit the revision is at the moment: a name whose content never changes. */
  commit(signal?: AbortSignal): Promise<string>;
  /** Asks for all files at a commit. */
  list(commit: string, signal?: AbortSignal): Promise<RemoteFile[]>;
  /** Address of a file. */
  url(commit: string, path: string): URL;
}

/** Writes `owner/name@revision` as people do, who leave the revision `main` out. */
export function repositoryLabel(
  { name, revision }: Pick<Repository, "name" | "revision">,
): string {
  return revision === "main" ? name : `${name}@${revision}`;
}

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

/**
 * Creates a repository of a hub that speaks Hugging Face's protocol.
 *
 * @param name `owner/name`.
 * @param revision Branch, tag or commit.
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
          checkPath(entry.path, failed);
          // Git holds a pointer instead of a large file: its own hash is not the content's.
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

/** One answer of the API, and the address of the next page. */
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
    value: checkConfig(schema, text, url.href, hint),
    next: next === undefined ? undefined : new URL(next, at),
  };
}

/** Checks that a path the server gave stays inside the repository's folder on every system. */
function checkPath(path: string, failed: string): void {
  const ok = path.split("/").every((part) =>
    part !== "" && part !== "." && part !== ".." && !/[\\:\p{Cc}]/u.test(part)
  );
  if (ok) return;
  throw new UserError(
    `${failed}: it lists the file ${JSON.stringify(path)}`,
    "do not use this repository",
  );
}

/**
 * Creates a repository of the files attached to a release on GitHub, which tells their length but no
 * hash: the first download is taken to be right, and its hash is recorded.
 *
 * @param name `owner/name`.
 * @param tag Tag of the release.
 * @param paths Names of the files.
 */
export function releaseRepository(
  hub: Hub,
  name: string,
  tag: string,
  paths: readonly string[],
  onRetry?: OnRetry,
): Repository {
  const url = (_tag: string, path: string) =>
    new URL(`https://github.com/${name}/releases/download/${tag}/${encodeURIComponent(path)}`);
  return {
    name,
    revision: tag,
    cacheFolder: hub.releasesFolder,
    commit: () => Promise.resolve(tag),
    async list(commit, signal) {
      const files: RemoteFile[] = [];
      for (const path of paths) {
        const failed = `Cannot find "${path}" of ${name}@${tag}`;
        const { bytes } = await withRetries(
          failed,
          () => locate(hub, url(commit, path), failed, signal),
          { clock: hub.clock, signal, onRetry },
        );
        if (bytes === undefined) {
          throw new UserError(`${failed}: the server does not say how long it is`, "try later");
        }
        files.push({ path, bytes });
      }
      return files;
    },
    url,
  };
}
