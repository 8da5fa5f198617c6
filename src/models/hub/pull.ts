import { join } from "node:path";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { UserError } from "../../errors.ts";
import { fileSource } from "../../files/byte_source.ts";
import { skimModel } from "../../onnx/skim_model.ts";
import { refuseCudaOperators } from "../refuse_cuda.ts";
import { statIfThere } from "../stat_if_there.ts";
import { stateOf } from "./check_model.ts";
import { download, type DownloadOptions } from "./download.ts";
import type { Hub } from "./hub.ts";
import { findInstalled, type InstalledModel } from "./installed_model.ts";
import { readListing, writeListing } from "./listing.ts";
import { PartFile } from "./part_file.ts";
import type { RemoteModel } from "./remote_model.ts";
import { type RemoteFile, repositoryLabel } from "./repository.ts";

/** A file of a model, and how much of it is on this machine. */
export interface PlannedFile extends RemoteFile {
  /** Number of bytes that need not be downloaded. */
  readonly received: number;
}

/** What downloading a model will do. */
export interface PullPlan {
  readonly model: RemoteModel;
  /** What its revision is at the moment. */
  readonly commit: string;
  /** The model's folder when it is there. */
  readonly folder: string;
  /** The model's files. */
  readonly files: readonly PlannedFile[];
  /** All files of the commit, as far as they are known. */
  readonly listing: readonly RemoteFile[];
}

/** Where a download is. */
export interface PullProgress {
  /** The file at hand. */
  readonly path: string;
  /** What is done with it: it arrives, its hash is computed, another process downloads it. */
  readonly phase: "download" | "check" | "wait";
  /** Bytes of the whole model that are there. */
  readonly received: number;
  /** Bytes of the whole model. */
  readonly bytes: number;
}

/** How to download a model, and who is told about it. */
export interface PullOptions
  extends Pick<DownloadOptions, "connections" | "chunkBytes" | "signal" | "onRetry"> {
  /** Whether to compute the hashes of files that are there, too, and to replace damaged ones. */
  readonly verify?: boolean;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Told about damaged files. */
  readonly onWarning?: (message: string) => void;
}

const HINT = "make the cache folder readable, or give another HF_HUB_CACHE";

/**
 * Asks the hub which files a model has, and looks which of them are there.
 *
 * @throws {UserError} If the hub cannot be asked, there is no such repository or revision, or a file
 * is not in it that the model needs.
 */
export async function planPull(
  model: RemoteModel,
  hub: Hub,
  signal?: AbortSignal,
): Promise<PullPlan> {
  const { cache, repository } = model;
  if (hub.offline) {
    throw new UserError(
      `Cannot download "${model.id}": HF_HUB_OFFLINE says to do without the network`,
      "unset it",
    );
  }
  const commit = await repository.commit(signal);
  const known = new Map((await readListing(cache, commit))?.map((file) => [file.path, file]));
  const listed = (await repository.list(commit, signal)).map((file) => {
    // A hash that only the first download could tell.
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
    const { path, bytes, hash } = file;
    const places = [join(folder, path), ...(hash ? [cache.blob(hash.hex)] : [])];
    const there = await Promise.all(places.map((place) => statIfThere(place, HINT)));
    const received = there.some((info) => info?.size === bytes)
      ? bytes
      : hash
      ? await PartFile.received(cache.part(hash.hex))
      : 0;
    files.push({ ...file, received });
  }
  // Of a release only a model's own files are listed: others may have been before.
  const listing = [
    ...new Map([...known, ...listed.map((file) => [file.path, file] as const)]).values(),
  ];
  return { model, commit, folder, files, listing };
}

/**
 * Downloads what is missing of a model, the small files first. Interrupted or failed, it leaves what
 * has arrived for the next time.
 *
 * @throws {UserError} If there is not room enough, a file cannot be had, or the model's graphs cannot
 * be computed.
 */
export async function pull(
  plan: PullPlan,
  hub: Hub,
  options: PullOptions = {},
): Promise<InstalledModel> {
  const { model, commit, folder, files, listing } = plan;
  const { cache, repository } = model;
  await checkRoom(model, files, hub);
  await writeListing(cache, commit, listing);
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
    installed.set(path, done);
    if (model.kind === "text-to-image" && path.endsWith(".onnx")) {
      const graph = skimModel(fileSource(join(folder, path), file.bytes), path);
      refuseCudaOperators(graph, `${model.id}/${path}`);
    }
  }
  await writeListing(cache, commit, listing.map((file) => installed.get(file.path) ?? file));
  await cache.setCommit(repository.revision, commit);
  return { commit, folder, files: [...installed.values()], missing: [] };
}

/** Sees to it that a file is in the model's folder. @returns The file, with its hash. */
async function bring(
  { model: { cache, repository }, commit, folder }: PullPlan,
  { received, ...file }: PlannedFile,
  hub: Hub,
  options: PullOptions,
  tell: (phase: PullProgress["phase"], received: number) => void,
): Promise<RemoteFile> {
  const { path, bytes } = file;
  const destination = join(folder, path);
  if ((await statIfThere(destination, HINT))?.size === bytes) {
    tell("check", bytes);
    if (!options.verify || await stateOf(folder, file, options.signal) !== "damaged") return file;
    options.onWarning?.(`"${path}" is damaged and is downloaded again`);
    await Deno.remove(await Deno.realPath(destination));
  }
  const { key, hash, fresh } = await download(hub, cache, file, repository.url(commit, path), {
    ...options,
    onBytes: (now) => tell("download", now),
    onCheck: () => tell("check", bytes),
    onWait: () => tell("wait", received),
  });
  await cache.place(commit, path, key, fresh);
  return { path, bytes, hash };
}

/**
 * A model on this machine: as it is if it is whole, else downloaded first.
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

async function checkRoom(model: RemoteModel, files: readonly PlannedFile[], hub: Hub) {
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
