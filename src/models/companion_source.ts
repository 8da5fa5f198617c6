import { UserError } from "../errors.ts";
import type { AssetOptions } from "../catalog/assets.ts";
import { hubSource } from "./hub_source.ts";
import { installModel } from "../catalog/pull.ts";
import { remoteModel } from "../catalog/remote_model.ts";
import { inCompanion } from "../catalog/layout.ts";
import { folderSource, type ModelSource } from "./model_source.ts";
import type { RemoteOptions } from "./open_remote.ts";
import type { ModelKind, RemoteManifest } from "../catalog/remote_manifest.ts";
import { REMOTE_MODELS } from "../catalog/remote_models.ts";
import { statIfThere } from "../files/file_error.ts";

/** How to get files that do not lie on disk. */
export type CompanionOptions = RemoteOptions & Pick<AssetOptions, "signal">;

/** A network's files, and what is known of it in advance. */
export interface CompanionSource {
  readonly source: ModelSource;
  readonly manifest?: RemoteManifest;
}

/** Kinds of networks that stand beside a diffusion model. */
export type CompanionKind = Extract<ModelKind, "depth" | "clip">;

const WORDS: Record<CompanionKind, string> = { depth: "depth model", clip: "CLIP model" };

/**
 * Finds a network that stands beside the diffusion model, or downloads it.
 *
 * @param name Id of a known model of that kind, or the path of a folder. An id wins over a folder of
 * that name, which can be given as `./name`.
 * @throws {UserError} There is no such model or folder, it is of another kind, or it cannot be
 * downloaded.
 *
 * @example
 * ```ts
 * import { companionSource } from "./companion_source.ts";
 *
 * const { message } = await companionSource("midas", "depth").catch((error) => error);
 * console.assert(message.startsWith('Unknown depth model "midas"'));
 * ```
 */
export async function companionSource(
  name: string,
  kind: CompanionKind,
  { hub, onDownload, onRetry, signal }: CompanionOptions = {},
): Promise<CompanionSource> {
  const manifest = REMOTE_MODELS.find(({ id }) => id === name);
  const ofKind = REMOTE_MODELS.filter((model) => model.kind === kind).map(({ id }) => id);
  const hint = `known ones: ${ofKind.join(", ")}; or give a folder`;
  if (!manifest) {
    const info = await statIfThere(name, `check the path given as the ${WORDS[kind]}`);
    if (info?.isDirectory) return { source: folderSource(name, inCompanion) };
    throw new UserError(
      `Unknown ${WORDS[kind]} "${name}": it is neither a known model nor a folder`,
      hint,
    );
  }
  if (manifest.kind !== kind) {
    throw new UserError(
      `Cannot use "${name}" as ${WORDS[kind]}: it is one for ${manifest.kind}`,
      hint,
    );
  }
  if (!hub) {
    throw new UserError(
      `Model "${name}" does not come with Peekaboo`,
      "say where to download it from: the option hub, e.g. of hubFromEnvironment()",
    );
  }
  const model = remoteModel(name, hub, onRetry);
  const installed = await installModel(model, hub, { onProgress: onDownload, onRetry, signal });
  return { source: hubSource(name, installed), manifest };
}
