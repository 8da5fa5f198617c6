import type { Recompute } from "../autodiff/recompute.ts";
import type { Device } from "../backend/select.ts";
import type { DiffusionModel } from "../diffusion/model.ts";
import { MODELS } from "../catalog/models.ts";
import { type Hub, hubFromEnvironment } from "../hub/hub.ts";
import { isRemoteName } from "../catalog/remote_model.ts";
import { loadModel, type LoadModelOptions } from "../models/load_model.ts";
import { type ModelFiles, openModel } from "../models/open_model.ts";
import type { Precision } from "../models/precision.ts";
import type { Settings } from "../settings/settings.ts";
import type { Io } from "./io.ts";
import { downloadProgress } from "./progress.ts";

/** The options of a command that choose its model and how it is computed. */
export interface ModelChoice {
  readonly model: string;
  readonly device: Device;
  readonly precision: Precision;
  readonly recompute?: Recompute | undefined;
  readonly loss?: Settings["loss"] | undefined;
  /** Whether the command only samples images, and optimises nothing. */
  readonly sampling?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/** Loads the model that a command was given; downloads it first if it is not on this machine. */
export async function loadGivenModel(io: Io, choice: ModelChoice): Promise<DiffusionModel> {
  const { model, loss, sampling, quiet } = choice;
  const { experimental } = MODELS.find(({ id }) => id === model) ?? {};
  if (experimental !== undefined && !sampling && loss !== "clip" && !quiet) {
    io.warn(`${model} is experimental for masks: ${experimental}`);
  }
  using progress = downloadProgress(io, !quiet);
  return await loadModel(model, await optionsOf(io, choice, progress));
}

/** Opens the files of the model that a command was given, and loads no network. */
export async function openGivenModel(io: Io, choice: ModelChoice): Promise<ModelFiles> {
  using progress = downloadProgress(io, !choice.quiet);
  return await openModel(choice.model, await optionsOf(io, choice, progress));
}

async function optionsOf(
  io: Io,
  { model, device, precision, recompute, loss, force = false, quiet = false }: ModelChoice,
  progress: ReturnType<typeof downloadProgress>,
): Promise<LoadModelOptions> {
  return {
    device,
    precision,
    recompute,
    loss,
    force,
    cacheFolder: io.cacheFolder,
    // A command that downloads nothing need not have an environment that is right for it.
    hub: isRemoteName(model) ? await hubOf(io) : undefined,
    onDownload: progress.update,
    onRetry: progress.retry,
    onWarning: (message) => quiet || io.warn(message),
  };
}

/**
 * The hub that the environment asks for: one per process, so that a refused token gives one warning,
 * however many models are downloaded.
 *
 * @throws {UserError} As {@link hubFromEnvironment}.
 */
export function hubOf(io: Io, quiet = false): Promise<Hub> {
  let hub = hubs.get(io);
  if (!hub) {
    hub = hubFromEnvironment(io.env, {
      cacheFolder: io.cacheFolder,
      onWarning: (message) => quiet || io.warn(message),
    });
    hubs.set(io, hub);
  }
  return hub;
}

/** The hubs by world outside: a process has one, tests have several. */
const hubs = new WeakMap<Io, Promise<Hub>>();
