import type { ContentHash } from "./content_hash.ts";

/** A file of a repository. */
export interface RemoteFile {
  /** Path inside the repository, with `/`. */
  readonly path: string;
  /** Length in bytes. */
  readonly bytes: number;
  /** Hash of the content, unless only a download can tell. */
  readonly hash?: ContentHash;
}

/** A place that has a model's files at a revision: on a hub, or attached to a release. */
export interface Repository {
  /** `owner/name`. */
  readonly name: string;
  /** Branch, tag or commit, as asked for. */
  readonly revision: string;
  /** Folder of its cache, in the Hugging Face layout. */
  readonly cacheFolder: string;
  /** What the revision is at the moment: a name whose content never changes. */
  commit(signal?: AbortSignal): Promise<string>;
  /** All its files at a commit. */
  list(commit: string, signal?: AbortSignal): Promise<RemoteFile[]>;
  /** Where a file is asked for. */
  url(commit: string, path: string): URL;
}

/** `owner/name@revision`, as people write it; the revision `main` is left out. */
export function repositoryLabel(
  { name, revision }: Pick<Repository, "name" | "revision">,
): string {
  return revision === "main" ? name : `${name}@${revision}`;
}
