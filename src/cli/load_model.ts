import type { Device } from "../backend/select.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { isRemoteName } from "../models/hub/remote_model.ts";
import { loadModel } from "../models/load_model.ts";
import { downloadProgress } from "./download_progress.ts";
import { hubOf } from "./hub_of.ts";
import type { Io } from "./io.ts";

/** Loads the model that a command was given; one that is not there is downloaded first. */
export async function loadGivenModel(
  io: Io,
  { model, device, quiet = false }: { model: string; device: Device; quiet?: boolean | undefined },
): Promise<DiffusionModel> {
  using progress = downloadProgress(io, !quiet);
  return await loadModel(model, {
    device,
    cacheFolder: io.cacheFolder,
    // Whoever downloads nothing need not have an environment that is right for it.
    hub: isRemoteName(model) ? await hubOf(io) : undefined,
    onDownload: progress.update,
    onRetry: progress.retry,
    onWarning: (message) => quiet || io.warn(message),
  });
}
