import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { statIfThere } from "../files/file_error.ts";
import { cacheContents } from "../hub/cache_contents.ts";
import { hashOfEtag } from "../hub/content_hash.ts";
import type { Hub } from "../hub/hub.ts";
import { HubCache } from "../hub/hub_cache.ts";
import {
  hubRepository,
  releaseRepository,
  type RemoteFile,
  type Repository,
  repositoryLabel,
} from "../hub/repository.ts";
import type { OnRetry } from "../hub/retry.ts";
import { inLayout, NEEDED_FILES } from "./layout.ts";
import type { ModelKind, ModelManifest } from "./manifest.ts";
import { MODELS } from "./models.ts";

/** A model that can be downloaded: a known one, or any repository in the diffusers layout. */
export interface RemoteModel {
  /** The user's name for it: a known model's id, else `owner/name` or `owner/name@revision`. */
  readonly id: string;
  /** Its task; a repository without a manifest must be a text-to-image model. */
  readonly kind: ModelKind;
  /** Its manifest, if it is a known model. */
  readonly manifest: ModelManifest | undefined;
  readonly repository: Repository;
  /** Cache that keeps its files. */
  readonly cache: HubCache;
  /** Whether a file of the repository belongs to the model. */
  readonly has: (path: string) => boolean;
  /** Files that the model needs. */
  readonly needed: readonly string[];
}

/** `owner/name` or `owner/name@revision`, as far as the hub allows it and it is safe as a path. */
const REPOSITORY =
  /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([\w-][\w.-]*(?:\/[\w-][\w.-]*)*))?$/;

/** Whether a name may stand for a model that can be downloaded. */
export function isRemoteName(name: string): boolean {
  return MODELS.some(({ id, source }) => id === name && source.host !== "embedded") ||
    REPOSITORY.test(name) && !/--|\.\./.test(name);
}

/**
 * Finds the model that a name stands for, without asking the hub.
 *
 * @param name Id of a known model, `owner/name`, or `owner/name@revision` with a branch, tag or
 * commit; the default revision is `main`.
 * @param onRetry Is told why a request about the repository waits.
 * @throws {UserError} The name is not one of these.
 */
export function remoteModel(name: string, hub: Hub, onRetry?: OnRetry): RemoteModel {
  const known = knownModels(hub, onRetry);
  const model = known.find(({ id }) => id === name);
  if (model) return model;
  if (!isRemoteName(name)) {
    throw new UserError(
      `Unknown model "${name}": wanted the id of a known model, owner/name or owner/name@revision`,
      `known models: ${known.map(({ id }) => id).join(", ")}`,
    );
  }
  const [path, revision = "main"] = name.split("@");
  const repository = hubRepository(hub, path, revision, onRetry);
  return {
    id: repositoryLabel(repository),
    kind: "text-to-image",
    manifest: undefined,
    repository,
    cache: new HubCache(repository.cacheFolder, repository.name),
    ...filesOf("layout"),
  };
}

/** All known models that are downloaded, in the order of {@link MODELS}. */
export function knownModels(hub: Hub, onRetry?: OnRetry): RemoteModel[] {
  return MODELS.flatMap((manifest) => {
    const { id, kind, source } = manifest;
    if (source.host === "embedded") return [];
    const { host, repository: name, revision, files } = source;
    const repository = host === "hub"
      ? hubRepository(hub, name, revision, onRetry)
      : releaseRepository(hub, name, revision, files, onRetry);
    const cache = new HubCache(repository.cacheFolder, name);
    return { id, kind, manifest, repository, cache, ...filesOf(files) };
  });
}

/** The files that belong to a model and those that it needs. */
function filesOf(files: "layout" | readonly string[]): Pick<RemoteModel, "has" | "needed"> {
  return files === "layout"
    ? { has: inLayout, needed: NEEDED_FILES }
    : { has: (path) => files.includes(path), needed: files };
}

/** The files of a model that lie on this machine. */
export interface InstalledModel {
  /** Commit of the files. */
  readonly commit: string;
  /** Folder of the model. */
  readonly folder: string;
  /** Files that are there. */
  readonly files: readonly RemoteFile[];
  /** Paths that are known to be missing; a whole model has none. */
  readonly missing: readonly string[];
}

/**
 * Finds a model in the cache without the network, also one that other tools have downloaded.
 *
 * @returns Nothing if no file of the revision was ever downloaded.
 * @throws {UserError} The cache may not be read.
 */
export async function findInstalled(model: RemoteModel): Promise<InstalledModel | undefined> {
  const commit = await model.cache.commitOf(model.repository.revision);
  return commit === undefined ? undefined : await installedAt(model, commit);
}

/** Finds the files of a model at a commit, as {@link findInstalled} does. */
export async function installedAt(model: RemoteModel, commit: string): Promise<InstalledModel> {
  const { cache, has, needed } = model;
  const folder = cache.snapshot(commit);
  const listed = await cache.readListing(commit) ?? await snapshotFiles(cache, commit);
  const files: RemoteFile[] = [];
  const missing = needed.filter((path) => !listed.some((file) => file.path === path));
  const hint = "make the cache folder readable, or give another HF_HUB_CACHE";
  for (const file of listed) {
    if (!has(file.path)) continue;
    const there = await statIfThere(join(folder, file.path), hint);
    if (there?.size === file.bytes) files.push(file);
    else missing.push(file.path);
  }
  return { commit, folder, files, missing };
}

/** Lists the files of a commit that another tool has downloaded; a blob is named by its hash. */
async function snapshotFiles(cache: HubCache, commit: string): Promise<RemoteFile[]> {
  const { files } = await cacheContents(cache);
  return files.filter((file) => file.commit === commit).map(({ path, bytes, blob }) => {
    const hash = blob === undefined ? undefined : hashOfEtag(basename(blob));
    return { path, bytes, ...(hash && { hash }) };
  });
}
