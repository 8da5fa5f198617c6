import { join } from "node:path";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { UserError } from "../errors.ts";
import { fileSource } from "../files/byte_source.ts";
import { fileError, statIfThere } from "../files/file_error.ts";
import { download, type DownloadOptions } from "../hub/download.ts";
import type { Hub } from "../hub/hub.ts";
import type { HubCache } from "../hub/hub_cache.ts";
import { PartFile } from "../hub/part_file.ts";
import { type RemoteFile, repositoryLabel } from "../hub/repository.ts";
import { skimModel } from "../onnx/skim_model.ts";
import { stateOf } from "./integrity.ts";
import { refuseCudaOperators } from "./layout.ts";
import { findInstalled, type InstalledModel, type RemoteModel } from "./remote_model.ts";

const HINT = "make the cache folder readable, or give another HF_HUB_CACHE";

/** A file of a model, and how much of it is on this machine. */
export interface PlannedFile extends RemoteFile {
  /** Number of bytes that need not be downloaded. */
  readonly received: number;
}

/** The downloads that make a model whole. */
export interface PullPlan {
  readonly model: RemoteModel;
  /** The commit that its revision is at the moment. */
  readonly commit: string;
  /** Folder that the model will be in. */
  readonly folder: string;
  /** The model's files. */
  readonly files: readonly PlannedFile[];
  /** All files of the commit, as far as they are known. */
  readonly listing: readonly RemoteFile[];
}

/**
 * Asks the hub which files a model has, and looks which of them are on this machine.
 *
 * @throws {UserError} The hub cannot be asked, the repository or revision does not exist, or it lacks
 * a file that the model needs.
 */
export async function planPull(
  model: RemoteModel,
  hub: Hub,
  signal?: AbortSignal,
): Promise<PullPlan> {
  const { cache, repository } = model;
  if (hub.offline) {
    throw new UserError(
      `Cannot download "${model.id}": HF_HUB_OFFLINE forbids the network`,
      "unset it",
    );
  }
  const commit = await repository.commit(signal);
  const known = new Map((await cache.readListing(commit))?.map((file) => [file.path, file]));
  const listed = (await repository.list(commit, signal)).map((file) => {
    // For some files, only the first download could tell the hash.
    const before = known.get(file.path);
    return file.hash || before?.bytes !== file.bytes ? file : before;
  });
  const wanted = listed.filter(({ path }) => model.has(path));
  const lacking = model.needed.find((path) => !wanted.some((file) => file.path === path));
  if (lacking !== undefined) {
    throw new UserError(
      `Cannot use "${model.id}": there is no ${lacking} in ${repositoryLabel(repository)}`,
      "wanted a text-to-image model exported to ONNX, see models/README.md; some repositories keep " +
        "it in another revision: owner/name@revision",
    );
  }
  const folder = cache.snapshot(commit);
  const files: PlannedFile[] = [];
  for (const file of wanted) {
    files.push({ ...file, received: await receivedOf(file, folder, cache) });
  }
  // A release lists only this model's files; the record may hold files of others.
  const listing = [
    ...new Map([...known, ...listed.map((file) => [file.path, file] as const)]).values(),
  ];
  return { model, commit, folder, files, listing };
}

/** Counts the bytes of a file that are on this machine: in its place, as a blob, or as a part. */
async function receivedOf(
  { path, bytes, hash }: RemoteFile,
  folder: string,
  cache: HubCache,
): Promise<number> {
  if ((await statIfThere(join(folder, path), HINT))?.size === bytes) return bytes;
  if (!hash) return 0;
  if ((await statIfThere(cache.blob(hash.hex), HINT))?.size === bytes) return bytes;
  return await PartFile.received(cache.part(hash.hex));
}

/** Progress of a model's download. */
export interface PullProgress {
  /** Path of the present file. */
  readonly path: string;
  /** `download`: it arrives; `check`: its hash is computed; `wait`: another process downloads it. */
  readonly phase: "download" | "check" | "wait";
  /** Bytes of the whole model that have arrived. */
  readonly received: number;
  /** Bytes of the whole model. */
  readonly bytes: number;
}

/** Options of {@link pull}. */
export interface PullOptions
  extends Pick<DownloadOptions, "connections" | "chunkBytes" | "signal" | "onRetry"> {
  /** Hashes also the files that are there, and replaces damaged ones. */
  readonly verify?: boolean | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Is told about damaged files. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Downloads the missing files of a model, the small ones first. After an interruption or a failure,
 * the next call goes on with the bytes that have arrived. A model that is whole is only read, so that
 * its cache may be read-only.
 *
 * @throws {UserError} The cache cannot be written, the disk has too little room, the server refuses a
 * file, or the model's graphs cannot be computed.
 */
export async function pull(
  plan: PullPlan,
  hub: Hub,
  options: PullOptions = {},
): Promise<InstalledModel> {
  const { model, commit, folder, files, listing } = plan;
  const { cache, repository } = model;
  await checkRoom(plan, hub);
  let writes = !await isWhole(plan);
  if (writes) {
    await cache.checkWritable(commit);
    await cache.writeListing(commit, listing);
  }
  const installed = new Map<string, RemoteFile>();
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let others = files.reduce((sum, file) => sum + file.received, 0);
  for (const file of files.toSorted((a, b) => a.bytes - b.bytes)) {
    const { path } = file;
    others -= file.received;
    const done = await bring(plan, file, hub, options, (phase, received) => {
      options.onProgress?.({ path, phase, received: others + received, bytes });
    });
    others += file.bytes;
    installed.set(path, done.file);
    writes ||= done.written;
    if (model.kind === "text-to-image" && path.endsWith(".onnx")) {
      const graph = skimModel(fileSource(join(folder, path), file.bytes), path);
      refuseCudaOperators(graph, `${model.id}/${path}`);
    }
  }
  const record = listing.map((file) => installed.get(file.path) ?? file);
  await cache.writeListing(commit, record).catch((error) => {
    // The list saves requests, no more: a read-only cache that another tool filled goes without.
    if (writes || !(error instanceof UserError)) throw error;
  });
  await cache.setCommit(repository.revision, commit);
  return { commit, folder, files: [...installed.values()], missing: [] };
}

/** Whether all files of a model are in its folder. */
async function isWhole({ folder, files }: PullPlan): Promise<boolean> {
  for (const { path, bytes } of files) {
    if ((await statIfThere(join(folder, path), HINT))?.size !== bytes) return false;
  }
  return true;
}

/** Checks that the disk has room for a download, where the system tells. */
async function checkRoom({ model, files }: PullPlan, hub: Hub): Promise<void> {
  const { cacheFolder } = model.repository;
  const needed = files.reduce((sum, { bytes, received }) => sum + bytes - received, 0);
  const free = await hub.freeBytes(cacheFolder);
  if (free === undefined || needed <= free) return;
  throw new UserError(
    `Cannot download "${model.id}": wanted ${prettyBytes(needed)} of room, found ` +
      `${prettyBytes(free)} in "${cacheFolder}"`,
    "make room, or set HF_HUB_CACHE to a folder on another disk",
  );
}

/** Brings a file into the model's folder. @returns The file, with its hash; was anything written? */
async function bring(
  { model: { cache, repository }, commit, folder }: PullPlan,
  { received, ...file }: PlannedFile,
  hub: Hub,
  options: PullOptions,
  tell: (phase: PullProgress["phase"], received: number) => void,
): Promise<{ file: RemoteFile; written: boolean }> {
  const { path, bytes, hash } = file;
  const destination = join(folder, path);
  const whole = async (place: string) => (await statIfThere(place, HINT))?.size === bytes;
  let written = false;
  if (!await whole(destination) && hash && await whole(cache.blob(hash.hex))) {
    await cache.place(commit, path, hash.hex, false); // Another commit has the same.
    written = true;
  }
  if (await whole(destination)) {
    tell("check", bytes);
    if (!options.verify || await stateOf(folder, file, options.signal) !== "damaged") {
      return { file, written };
    }
    await cache.checkWritable(commit);
    options.onWarning?.(`"${path}" is damaged and is downloaded again`);
    await removeContent(destination);
  }
  const cached = await download(hub, cache, file, repository.url(commit, path), {
    ...options,
    onBytes: (now) => tell("download", now),
    onCheck: () => tell("check", bytes),
    onWait: () => tell("wait", received),
  });
  await cache.place(commit, path, cached.key, cached.fresh);
  return { file: { path, bytes, hash: cached.hash }, written: true };
}

/** Removes the content that a link leads to, or the file itself. */
async function removeContent(path: string): Promise<void> {
  try {
    await Deno.remove(await Deno.realPath(path));
  } catch (cause) {
    throw fileError(`Cannot replace "${path}"`, cause, "make the cache folder writable");
  }
}

/**
 * Finds a model on this machine, and downloads it first unless it is whole.
 *
 * @throws {UserError} As {@link planPull} and {@link pull}.
 */
export async function installModel(
  model: RemoteModel,
  hub: Hub,
  options: PullOptions = {},
): Promise<InstalledModel> {
  const installed = await findInstalled(model);
  if (installed?.missing.length === 0) return installed;
  return await pull(await planPull(model, hub, options.signal), hub, options);
}
