import { join } from "node:path";
import { fileSource } from "../files/byte_source.ts";
import { skimModel } from "../onnx/skim_model.ts";
import { refuseCudaOperators } from "./refuse_cuda.ts";
import { statIfThere } from "../files/file_error.ts";
import { stateOf } from "./check_model.ts";
import { download, type DownloadOptions } from "../hub/download.ts";
import type { Hub } from "../hub/hub.ts";
import { findInstalled, type InstalledModel } from "./installed_model.ts";
import { writeListing } from "../hub/listing.ts";
import { checkRoom, type PlannedFile, planPull, type PullPlan } from "./plan_pull.ts";
import type { RemoteModel } from "./remote_model.ts";
import type { RemoteFile } from "../hub/repository.ts";

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
  await checkRoom(plan, hub);
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
  const { path, bytes, hash } = file;
  const destination = join(folder, path);
  const whole = async (place: string) => (await statIfThere(place, HINT))?.size === bytes;
  if (!await whole(destination) && hash && await whole(cache.blob(hash.hex))) {
    await cache.place(commit, path, hash.hex, false); // Another commit has the same.
  }
  if (await whole(destination)) {
    tell("check", bytes);
    if (!options.verify || await stateOf(folder, file, options.signal) !== "damaged") return file;
    options.onWarning?.(`"${path}" is damaged and is downloaded again`);
    await Deno.remove(await Deno.realPath(destination));
  }
  const cached = await download(hub, cache, file, repository.url(commit, path), {
    ...options,
    onBytes: (now) => tell("download", now),
    onCheck: () => tell("check", bytes),
    onWait: () => tell("wait", received),
  });
  await cache.place(commit, path, cached.key, cached.fresh);
  return { path, bytes, hash: cached.hash };
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
