import { fileURLToPath } from "node:url";
import type { AssetOptions } from "../catalog/assets.ts";
import { inCompanion, inLayout } from "../catalog/layout.ts";
import type { ModelKind, ModelManifest } from "../catalog/manifest.ts";
import { MODELS } from "../catalog/models.ts";
import { installModel, type PullProgress } from "../catalog/pull.ts";
import { isRemoteName, remoteModel } from "../catalog/remote_model.ts";
import { UserError } from "../errors.ts";
import { statIfThere } from "../files/file_error.ts";
import type { Hub } from "../hub/hub.ts";
import { folderSource, hubSource, manifestSource, type ModelSource } from "./model_source.ts";

/** Options of downloading models that do not come with the project. */
export interface RemoteOptions {
  /**
   * The hub to download from, with its cache, e.g. of {@link hubFromEnvironment}. Without one, only
   * models that come with the project and folders can be opened.
   */
  readonly hub?: Hub | undefined;
  /** Is told how far a download is. */
  readonly onDownload?: ((progress: PullProgress) => void) | undefined;
  /** Is told before each new attempt why the last one failed, and how many milliseconds it waits. */
  readonly onRetry?: ((reason: string, wait: number) => void) | undefined;
}

/** Options of opening a network that stands beside the diffusion model. */
export type CompanionOptions = RemoteOptions & Pick<AssetOptions, "signal">;

/** The files of a model, with its manifest if it is a known one. */
export interface OpenedSource {
  readonly source: ModelSource;
  readonly manifest?: ModelManifest | undefined;
}

/** The kinds of models that can be opened, in the words of messages. */
const WORDS = {
  "text-to-image": { model: "model", others: "owner/name of a repository" },
  depth: { model: "depth model", others: "give a folder" },
  clip: { model: "CLIP model", others: "give a folder" },
} as const satisfies Partial<Record<ModelKind, unknown>>;

/**
 * Finds the files of a model by its name, and downloads them if they are on a hub.
 *
 * @param name Id of a known model or the path of a folder; of a text-to-image model also `owner/name`
 * or `owner/name@revision`. An id wins over a folder of that name, which can be given as `./name`; a
 * folder wins over a repository.
 * @throws {UserError} The model does not exist, is of another kind, or cannot be downloaded.
 */
export async function openSource(
  name: string,
  kind: keyof typeof WORDS,
  options: AssetOptions & RemoteOptions = {},
): Promise<OpenedSource> {
  const manifest = MODELS.find(({ id }) => id === name);
  if (manifest) {
    if (manifest.kind !== kind) throw wrongKind(manifest, kind);
    const source = manifest.source.host === "embedded"
      ? manifestSource(name, manifest.source.files, embeddedUrl(name), options)
      : await downloadedSource(name, options);
    return { source, manifest };
  }
  const info = await statIfThere(name, `check the path given as the ${WORDS[kind].model}`);
  if (info?.isDirectory) {
    return { source: folderSource(name, kind === "text-to-image" ? inLayout : inCompanion) };
  }
  if (kind === "text-to-image" && isRemoteName(name)) {
    return { source: await downloadedSource(name, options) };
  }
  throw new UserError(
    `Unknown ${WORDS[kind].model} "${name}": it is neither a known model nor a folder`,
    knownOnes(kind),
  );
}

/** Finds a model in the hub's cache, and downloads it first unless it is whole there. */
async function downloadedSource(
  name: string,
  { hub, onDownload, onRetry, signal }: CompanionOptions,
): Promise<ModelSource> {
  if (!hub) {
    throw new UserError(
      `Model "${name}" does not come with Peekaboo`,
      "give the option hub, e.g. the result of hubFromEnvironment(), to download it",
    );
  }
  const model = remoteModel(name, hub, onRetry);
  const options = { onProgress: onDownload, onRetry, signal };
  return hubSource(name, await installModel(model, hub, options));
}

function wrongKind({ id, kind }: ModelManifest, wanted: keyof typeof WORDS): UserError {
  return wanted === "text-to-image"
    ? new UserError(
      `Cannot make images with "${id}": wanted a text-to-image model, found one for ${kind}`,
      "see: models list",
    )
    : new UserError(
      `Cannot use "${id}" as ${WORDS[wanted].model}: it is one for ${kind}`,
      knownOnes(wanted),
    );
}

function knownOnes(kind: keyof typeof WORDS): string {
  const ids = MODELS.filter((model) => model.kind === kind).map(({ id }) => id);
  return `known models: ${ids.join(", ")}; or ${WORDS[kind].others}`;
}

/** Address of an embedded model's folder, beside the code: on disk or on a server. */
function embeddedUrl(id: string): URL {
  return new URL(`../../models/${id}/`, import.meta.url);
}

/**
 * Finds the folder of an embedded model on disk.
 *
 * @throws {UserError} The project was imported from a URL, and none of its files lies on disk.
 */
export function embeddedFolder(id: string): string {
  const url = embeddedUrl(id);
  if (url.protocol === "file:") return fileURLToPath(url);
  throw new UserError(
    `Model "${id}" does not lie on disk: this Peekaboo runs from ${url.origin}`,
    "use a copy of Peekaboo on disk",
  );
}
