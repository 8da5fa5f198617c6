import { UserError } from "../errors.ts";
import type { ModelDefaults } from "../settings/settings.ts";
import type { AssetOptions } from "../catalog/assets.ts";
import { GENERIC_DEFAULTS } from "../catalog/generic_defaults.ts";
import type { Hub } from "../hub/hub.ts";
import { hubSource } from "./hub_source.ts";
import { installModel, type PullProgress } from "../catalog/pull.ts";
import { remoteModel } from "../catalog/remote_model.ts";
import type { ModelSource } from "./model_source.ts";

/** Where models that do not come with the project are had from. */
export interface RemoteOptions {
  /**
   * The hub to download from, and its cache, e.g. of {@link hubFromEnvironment}. Without one, only
   * models that come with the project and folders can be opened.
   */
  readonly hub?: Hub | undefined;
  /** Told where a download is. */
  readonly onDownload?: ((progress: PullProgress) => void) | undefined;
  /** Told before each new attempt what went wrong, and how many milliseconds to wait. */
  readonly onRetry?: ((reason: string, wait: number) => void) | undefined;
}

/** A model's files, and what its manifest says. */
export interface RemoteSource {
  readonly source: ModelSource;
  readonly defaults: ModelDefaults;
  readonly imageSize: number | undefined;
}

/**
 * Finds a model in the hub's cache, or downloads it.
 *
 * @param name Id of a known model, `owner/name` or `owner/name@revision`.
 * @throws {UserError} If there is no hub, the model is of another kind, or it cannot be downloaded.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "../hub/hub.ts";
 * import { openRemote } from "./open_remote.ts";
 *
 * const env: Record<string, string> = { HF_HOME: "no-such-folder", HF_HUB_OFFLINE: "1" };
 * const hub = await hubFromEnvironment((name) => env[name], { cacheFolder: "cache" });
 * const { message } = await openRemote("ada/dogs", { hub }).catch((error) => error);
 * console.assert(message.startsWith('Cannot download "ada/dogs": HF_HUB_OFFLINE'));
 * ```
 */
export async function openRemote(
  name: string,
  { hub, onDownload, onRetry, signal }: RemoteOptions & Pick<AssetOptions, "signal"> = {},
): Promise<RemoteSource> {
  if (!hub) {
    throw new UserError(
      `Model "${name}" does not come with Peekaboo`,
      "say where to download it from: the option hub, e.g. of hubFromEnvironment()",
    );
  }
  const model = remoteModel(name, hub, onRetry);
  const { defaults = GENERIC_DEFAULTS, imageSize } = model.manifest ?? {};
  if (model.kind !== "text-to-image") {
    throw new UserError(
      `Cannot make images with "${name}": wanted a text-to-image model, found one for ${model.kind}`,
      "see: models list",
    );
  }
  const installed = await installModel(model, hub, { onProgress: onDownload, onRetry, signal });
  return { source: hubSource(name, installed), defaults, imageSize };
}
