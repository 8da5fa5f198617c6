import type { Recompute } from "../autodiff/recompute.ts";
import type { Device } from "../backend/select.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { isRemoteName } from "../catalog/remote_model.ts";
import { loadModel } from "../models/load_model.ts";
import type { Precision } from "../models/precision.ts";
import { REMOTE_MODELS } from "../catalog/remote_models.ts";
import type { Settings } from "../settings.ts";
import { downloadProgress } from "./download_progress.ts";
import { hubOf } from "./hub_of.ts";
import type { Io } from "./io.ts";

/** What a command is told about its model. */
interface ModelChoice {
  readonly model: string;
  readonly device: Device;
  readonly precision: Precision;
  readonly recompute?: Recompute;
  readonly loss?: Settings["loss"] | undefined;
  /** Whether it only samples images, and optimises nothing. */
  readonly sampling?: boolean;
  readonly force?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/**
 * Loads the model that a command was given; one that is not there is downloaded first. Warns of a
 * model whose score distillation is experimental, unless that is not what it is loaded for.
 */
export async function loadGivenModel(
  io: Io,
  { model, device, precision, recompute, loss, sampling, force = false, quiet = false }:
    ModelChoice,
): Promise<DiffusionModel> {
  const { experimental } = REMOTE_MODELS.find(({ id }) => id === model) ?? {};
  if (experimental !== undefined && !sampling && loss !== "clip" && !quiet) {
    io.warn(`${model} is experimental for masks: ${experimental}`);
  }
  using progress = downloadProgress(io, !quiet);
  return await loadModel(model, {
    device,
    precision,
    recompute,
    loss,
    force,
    cacheFolder: io.cacheFolder,
    // Whoever downloads nothing need not have an environment that is right for it.
    hub: isRemoteName(model) ? await hubOf(io, quiet) : undefined,
    onDownload: progress.update,
    onRetry: progress.retry,
    onWarning: (message) => quiet || io.warn(message),
  });
}
