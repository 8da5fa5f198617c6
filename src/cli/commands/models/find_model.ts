import { UserError } from "../../../errors.ts";
import { diskUsage } from "../../../hub/disk_usage.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { OnRetry } from "../../../hub/hub_repository.ts";
import { findInstalled, type InstalledModel } from "../../../catalog/installed_model.ts";
import { knownModel, type RemoteModel, remoteModel } from "../../../catalog/remote_model.ts";
import { repositoryLabel } from "../../../hub/repository.ts";
import { KNOWN_MODELS } from "../../../catalog/known_models.ts";
import type { ModelManifest } from "../../../catalog/manifest.ts";
import { REMOTE_MODELS } from "../../../catalog/remote_models.ts";

/** The model that a name on the command line stands for. */
export type FoundModel =
  | { readonly embedded: ModelManifest; readonly remote?: undefined }
  | { readonly embedded?: undefined; readonly remote: RemoteModel };

/**
 * Finds a model by its name, without asking the hub.
 *
 * @throws {UserError} The name is not that of a model.
 */
export function findModel(name: string, hub: Hub, onRetry?: OnRetry): FoundModel {
  const embedded = KNOWN_MODELS.find(({ id }) => id === name);
  return embedded ? { embedded } : { remote: remoteModel(name, hub, onRetry) };
}

/** The models with files in the cache, the known ones first. */
export async function modelsInCache(hub: Hub): Promise<RemoteModel[]> {
  const models = REMOTE_MODELS.map((manifest) => knownModel(manifest, hub));
  for (const { repository: name, revisions } of await diskUsage(hub, [])) {
    if (REMOTE_MODELS.some(({ source }) => source.repository === name)) continue;
    for (const revision of revisions) {
      models.push(remoteModel(repositoryLabel({ name, revision }), hub));
    }
  }
  const there = await Promise.all(models.map(findInstalled));
  return models.filter((_, i) => there[i] && there[i].files.length > 0);
}

/** A model as it is in the cache. @throws {UserError} The cache holds no file of it. */
export async function installed(model: RemoteModel): Promise<InstalledModel> {
  const found = await findInstalled(model);
  if (found && found.files.length > 0) return found;
  throw new UserError(
    `Model "${model.id}" is not downloaded`,
    `download it with: models pull ${model.id}`,
  );
}
