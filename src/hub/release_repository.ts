import { UserError } from "../errors.ts";
import type { Hub } from "./hub.ts";
import type { OnRetry } from "./hub_repository.ts";
import { locate } from "./locate.ts";
import type { RemoteFile, Repository } from "./repository.ts";
import { withRetries } from "./retry.ts";

/**
 * Files attached to a release on GitHub, which tells their length but no hash: what arrives first is
 * taken to be right, and its hash recorded.
 *
 * @param name `owner/name`.
 * @param tag The release's.
 * @param paths Names of the files.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "./hub.ts";
 * import { releaseRepository } from "./release_repository.ts";
 *
 * const hub = await hubFromEnvironment(() => undefined, { cacheFolder: "cache" });
 * const { href } = releaseRepository(hub, "ada/dogs", "v1", ["x.onnx"]).url("v1", "x.onnx");
 * console.assert(href === "https://github.com/ada/dogs/releases/download/v1/x.onnx");
 * ```
 */
export function releaseRepository(
  hub: Hub,
  name: string,
  tag: string,
  paths: readonly string[],
  onRetry?: OnRetry,
): Repository {
  const url = (_tag: string, path: string) =>
    new URL(`https://github.com/${name}/releases/download/${tag}/${encodeURIComponent(path)}`);
  return {
    name,
    revision: tag,
    cacheFolder: hub.releasesFolder,
    commit: () => Promise.resolve(tag),
    async list(commit, signal) {
      const files: RemoteFile[] = [];
      for (const path of paths) {
        const failed = `Cannot find "${path}" of ${name}@${tag}`;
        const { bytes } = await withRetries(
          failed,
          () => locate(hub, url(commit, path), failed, signal),
          { clock: hub.clock, signal, onRetry },
        );
        if (bytes === undefined) {
          throw new UserError(`${failed}: the server does not say how long it is`, "try later");
        }
        files.push({ path, bytes });
      }
      return files;
    },
    url,
  };
}
