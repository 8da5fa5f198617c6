import { join } from "node:path";
import prettyBytes from "npm:pretty-bytes@7.2.0";
import { UserError } from "../errors.ts";
import { statIfThere } from "../files/file_error.ts";
import type { Hub } from "../hub/hub.ts";
import type { HubCache } from "../hub/hub_cache.ts";
import { readListing } from "../hub/listing.ts";
import { PartFile } from "../hub/part_file.ts";
import type { RemoteModel } from "./remote_model.ts";
import { type RemoteFile, repositoryLabel } from "../hub/repository.ts";

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
    files.push({ ...file, received: await receivedOf(file, folder, cache) });
  }
  // Of a release only a model's own files are listed: others may have been before.
  const listing = [
    ...new Map([...known, ...listed.map((file) => [file.path, file] as const)]).values(),
  ];
  return { model, commit, folder, files, listing };
}

/** How many bytes of a file are there: placed, as a blob, or as the part that has arrived. */
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

/**
 * Checks that there is room for what is to be downloaded, where that is known.
 *
 * @throws {UserError} If there is not.
 */
export async function checkRoom({ model, files }: PullPlan, hub: Hub): Promise<void> {
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
