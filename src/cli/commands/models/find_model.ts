import { UserError } from "../../../errors.ts";
import { type EmbeddedManifest, isEmbedded } from "../../../catalog/manifest.ts";
import { MODELS } from "../../../catalog/models.ts";
import {
  findInstalled,
  type InstalledModel,
  knownModels,
  type RemoteModel,
  remoteModel,
} from "../../../catalog/remote_model.ts";
import { diskUsage } from "../../../hub/cache_contents.ts";
import type { Hub } from "../../../hub/hub.ts";
import { repositoryLabel } from "../../../hub/repository.ts";
import type { OnRetry } from "../../../hub/retry.ts";

/** The model that a name on the command line stands for. */
export type FoundModel =
  | { readonly embedded: EmbeddedManifest; readonly remote?: undefined }
  | { readonly embedded?: undefined; readonly remote: RemoteModel };

/**
 * Finds a model by its name, without asking the hub.
 *
 * @throws {UserError} No model can have the name.
 */
export function findModel(name: string, hub: Hub, onRetry?: OnRetry): FoundModel {
  const embedded = findEmbedded(name);
  return embedded ? { embedded } : { remote: remoteModel(name, hub, onRetry) };
}

/** Finds a model that comes with the project, which needs no hub. */
export function findEmbedded(name: string): EmbeddedManifest | undefined {
  return MODELS.filter(isEmbedded).find(({ id }) => id === name);
}

/** Lists the models that have files in the cache, the known ones first. */
export async function modelsInCache(hub: Hub): Promise<RemoteModel[]> {
  const known = knownModels(hub);
  const models = [...known];
  for (const { repository: name, revisions } of await diskUsage(hub, [])) {
    if (known.some(({ repository }) => repository.name === name)) continue;
    for (const revision of revisions) {
      models.push(remoteModel(repositoryLabel({ name, revision }), hub));
    }
  }
  const there = await Promise.all(models.map(findInstalled));
  return models.filter((_, i) => there[i] && there[i].files.length > 0);
}

/** Finds a model in the cache. @throws {UserError} The cache has no file of it. */
export async function installed(model: RemoteModel): Promise<InstalledModel> {
  const found = await findInstalled(model);
  if (found && found.files.length > 0) return found;
  throw new UserError(
    `Model "${model.id}" is not downloaded`,
    `download it with: models pull ${model.id}`,
  );
}
