import { MODELS } from "../catalog/models.ts";
import { findInstalled, isRemoteName, remoteModel } from "../catalog/remote_model.ts";
import { UserError } from "../errors.ts";
import { type Hub, hubFromEnvironment, userCacheFolder } from "../hub/hub.ts";

/** Options that say whether a model may be downloaded, and from where. */
export interface DownloadChoice {
  /**
   * The hub to download from, and its cache. The default is the hub of `HF_ENDPOINT` and the other
   * variables of {@link hubFromEnvironment}, as far as Deno's permissions let them be read.
   */
  readonly hub?: Hub | undefined;
  /** Whether a model that is not on this machine may be downloaded; by default it is. */
  readonly download?: boolean | undefined;
}

/**
 * The hub to open a model with; nothing if the model's name is not that of a download.
 *
 * @param onWarning Called once if the hub refuses the token.
 * @throws {UserError} The model is not on this machine and must not be downloaded, or the environment
 * is wrong.
 */
export async function hubFor(
  name: string,
  { hub: given, download = true }: DownloadChoice,
  onWarning?: (message: string) => void,
): Promise<Hub | undefined> {
  if (!isRemoteName(name) || await isFolder(name)) return given;
  const hub = given ?? await systemHub(onWarning);
  if (download) return hub;
  const installed = await findInstalled(remoteModel(name, hub));
  if (installed?.missing.length === 0) return hub;
  throw new UserError(
    `Model "${name}" is not on this machine, and the option download is false`,
    `download it with: deno run -A mod.ts models pull ${name}`,
  );
}

/** A folder wins over a repository of the same name, but not over a known model. */
async function isFolder(name: string): Promise<boolean> {
  if (MODELS.some(({ id }) => id === name)) return false;
  return await Deno.stat(name).then(({ isDirectory }) => isDirectory, () => false);
}

/**
 * The hub that the environment asks for. Variables that Deno may not read count as unset; without
 * `HOME`, models are kept in `.cache` of the working folder.
 */
function systemHub(onWarning?: (message: string) => void): Promise<Hub> {
  const env = (variable: string) => {
    const { state } = Deno.permissions.querySync({ name: "env", variable });
    return state === "granted" ? Deno.env.get(variable) : undefined;
  };
  return hubFromEnvironment(env, { cacheFolder: userCacheFolder(Deno.build.os, env), onWarning });
}
