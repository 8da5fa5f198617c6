import type { CompanionOptions } from "../models/open_source.ts";
import { isRemoteName } from "../catalog/remote_model.ts";
import { downloadProgress } from "./download_progress.ts";
import { hubOf } from "./hub_of.ts";
import type { Io } from "./io.ts";

/** Opens a network that stands beside the diffusion model, and shows how its download goes. */
export async function openCompanion<T>(
  io: Io,
  name: string,
  quiet: boolean,
  open: (name: string, options: CompanionOptions) => Promise<T>,
): Promise<T> {
  using progress = downloadProgress(io, !quiet);
  return await open(name, {
    hub: isRemoteName(name) ? await hubOf(io, quiet) : undefined,
    onDownload: progress.update,
    onRetry: progress.retry,
  });
}
