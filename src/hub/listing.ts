import * as v from "npm:valibot@1.5.0";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/write.ts";
import { checkJson } from "../files/check_json.ts";
import { type HubCache, makeFolder } from "./hub_cache.ts";
import type { RemoteFile } from "./repository.ts";

const WHOLE = "a whole number of at least 0";

const LISTING: v.GenericSchema<unknown, RemoteFile[]> = v.array(v.strictObject({
  path: v.string(),
  bytes: v.pipe(v.number(), v.integer(WHOLE), v.minValue(0, WHOLE)),
  hash: v.exactOptional(v.strictObject({
    algorithm: v.picklist(["sha256", "git-sha1"]),
    hex: v.string(),
  })),
}));

/**
 * What the hub said when a commit was downloaded: all its files, with the hashes that are known by
 * now. Nothing if it was not, or if the record cannot be read: it only saves asking again.
 */
export async function readListing(
  cache: HubCache,
  commit: string,
): Promise<RemoteFile[] | undefined> {
  try {
    const path = cache.listing(commit);
    return checkJson(LISTING, await Deno.readTextFile(path), path);
  } catch (error) {
    if (error instanceof UserError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Records what {@link readListing} reads. */
export async function writeListing(
  cache: HubCache,
  commit: string,
  files: readonly RemoteFile[],
): Promise<void> {
  const path = cache.listing(commit);
  await makeFolder(dirname(path));
  await writeFileAtomic(path, JSON.stringify(files, null, 1) + "\n");
}
