import { UserError } from "../errors.ts";
import { inLayout, NEEDED_FILES } from "./layout.ts";
import type { ModelKind, RemoteManifest } from "./remote_manifest.ts";
import { REMOTE_MODELS } from "./remote_models.ts";
import type { Hub } from "../hub/hub.ts";
import { HubCache } from "../hub/hub_cache.ts";
import { hubRepository, type OnRetry } from "../hub/hub_repository.ts";
import { releaseRepository } from "../hub/release_repository.ts";
import { type Repository, repositoryLabel } from "../hub/repository.ts";

/** A model that can be downloaded: a known one, or any repository in the layout. */
export interface RemoteModel {
  /** As the user calls it: a known model's id, else `owner/name` or `owner/name@revision`. */
  readonly id: string;
  /** What it does; a repository without a manifest must be a text-to-image model. */
  readonly kind: ModelKind;
  /** What is known of it in advance. */
  readonly manifest: RemoteManifest | undefined;
  readonly repository: Repository;
  /** Where its files are kept. */
  readonly cache: HubCache;
  /** Whether a file of the repository is part of the model. */
  readonly has: (path: string) => boolean;
  /** Files it cannot do without. */
  readonly needed: readonly string[];
}

/** `owner/name` or `owner/name@revision`; what the hub allows, as far as it is safe as a path. */
const REPOSITORY =
  /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([\w-][\w.-]*(?:\/[\w-][\w.-]*)*))?$/;

/** Whether a text is the name of a model that can be downloaded, as far as can be told from it. */
export function isRemoteName(name: string): boolean {
  return REMOTE_MODELS.some(({ id }) => id === name) ||
    REPOSITORY.test(name) && !/--|\.\./.test(name);
}

/**
 * Finds what a model's name stands for; without asking the hub.
 *
 * @param name Id of a known model, or `owner/name`, or `owner/name@revision` with a branch, tag or
 * commit; `main` unless given.
 * @param onRetry Told what keeps requests about the repository waiting.
 * @throws {UserError} If it is neither.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "../hub/hub.ts";
 * import { remoteModel } from "./remote_model.ts";
 *
 * const hub = await hubFromEnvironment(() => undefined, { cacheFolder: "cache" });
 * const { repository } = remoteModel("stable-diffusion-v1-4", hub);
 * console.assert(repository.name === "CompVis/stable-diffusion-v1-4");
 * console.assert(remoteModel("ada/dogs@v2", hub).repository.revision === "v2");
 * ```
 */
export function remoteModel(name: string, hub: Hub, onRetry?: OnRetry): RemoteModel {
  const manifest = REMOTE_MODELS.find(({ id }) => id === name);
  if (manifest) return knownModel(manifest, hub, onRetry);
  if (!isRemoteName(name)) {
    throw new UserError(
      `Unknown model "${name}": wanted the id of a known model, owner/name or owner/name@revision`,
      `known models: ${REMOTE_MODELS.map(({ id }) => id).join(", ")}`,
    );
  }
  const [repository, revision = "main"] = name.split("@");
  const layout = hubRepository(hub, repository, revision, onRetry);
  return model(repositoryLabel(layout), undefined, layout);
}

/** The same for a manifest. */
export function knownModel(manifest: RemoteManifest, hub: Hub, onRetry?: OnRetry): RemoteModel {
  const { host, repository, revision } = manifest.source;
  const paths = manifest.files === "layout" ? [] : manifest.files;
  const place = host === "hub"
    ? hubRepository(hub, repository, revision, onRetry)
    : releaseRepository(hub, repository, revision, paths, onRetry);
  return model(manifest.id, manifest, place);
}

function model(
  id: string,
  manifest: RemoteManifest | undefined,
  repository: Repository,
): RemoteModel {
  const { files = "layout", kind = "text-to-image" } = manifest ?? {};
  return {
    id,
    kind,
    manifest,
    repository,
    cache: new HubCache(repository.cacheFolder, repository.name),
    has: files === "layout" ? inLayout : (path) => files.includes(path),
    needed: files === "layout" ? NEEDED_FILES : files,
  };
}
