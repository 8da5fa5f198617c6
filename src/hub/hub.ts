import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkCacheFolder, checkProxies, endpointUrl, type Env } from "./check_variables.ts";
import { findToken, type HubToken } from "./hub_token.ts";
import { type Clock, SYSTEM_CLOCK } from "./retry.ts";

/** A server to download models from, and the folders that keep them. */
export interface Hub {
  /** Address of the server, e.g. `https://huggingface.co`. */
  readonly endpoint: URL;
  /** Token that goes to the endpoint, and to no other host. */
  readonly token?: HubToken | undefined;
  /** Is told, once per token, that the endpoint refuses it; downloads go on without it. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Forbids the network. */
  readonly offline: boolean;
  /** Cache in the Hugging Face layout, shared with other tools that use it. */
  readonly cacheFolder: string;
  /** Cache of the same layout for files attached to GitHub releases. */
  readonly releasesFolder: string;
  /** Function that makes requests. */
  readonly fetch: typeof fetch;
  /**
   * For waiting and trying again.
   *
   * @internal
   */
  readonly clock: Clock;
  /** Gives the free bytes of the disk that a folder is on; nothing if that is not known. */
  readonly freeBytes: (folder: string) => Promise<number | undefined>;
}

/** Parts of a {@link Hub} that the environment does not tell. */
export interface HubDefaults {
  /** Peekaboo's own cache folder; files of releases are kept below it. */
  readonly cacheFolder: string;
  /** Function that makes requests; the default is the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * The machine's clock by default.
   *
   * @internal
   */
  readonly clock?: Clock | undefined;
  /** See {@link Hub.onWarning}. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Creates the hub that the environment asks for, by the variables of Hugging Face's own tools:
 * `HF_ENDPOINT`, `HF_TOKEN` (else the file of `HF_TOKEN_PATH`, else `token` in `HF_HOME`),
 * `HF_HUB_OFFLINE`, `HF_HUB_CACHE` (else `hub` in `HF_HOME`), `HF_HOME` (else `huggingface` in
 * `XDG_CACHE_HOME`, else `~/.cache/huggingface`).
 *
 * @param env Looks up an environment variable.
 * @throws {UserError} The endpoint is not a web address, or holds a password or a query; the token's file
 * cannot be read, or the token has characters that no token has; the cache's folder is a file; a proxy
 * variable holds no proxy's address.
 *
 * @example
 * ```ts
 * import { hub } from "../../mod.ts";
 *
 * const env: Record<string, string> = { HF_HOME: "models", HF_HUB_OFFLINE: "1" };
 * const mirror = await hub.hubFromEnvironment((name) => env[name], { cacheFolder: "cache" });
 * console.assert(mirror.offline && mirror.endpoint.href === "https://huggingface.co/");
 * ```
 */
export async function hubFromEnvironment(
  env: (name: string) => string | undefined,
  { cacheFolder, fetch: request = fetch, clock = SYSTEM_CLOCK, onWarning }: HubDefaults,
): Promise<Hub> {
  const folder = (name: string) => expandHome(env(name), env);
  const home = folder("HF_HOME") ??
    join(folder("XDG_CACHE_HOME") ?? join(userHome(env), ".cache"), "huggingface");
  const cache = folder("HF_HUB_CACHE") ?? join(home, "hub");
  const places = ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"];
  await checkCacheFolder(cache, places.find((name) => env(name)) ?? "HOME");
  const offline = /^(1|on|yes|true)$/i.test(env("HF_HUB_OFFLINE") ?? "");
  if (!offline) checkProxies(env);
  return {
    endpoint: endpointUrl(env("HF_ENDPOINT") || "https://huggingface.co"),
    token: await findToken(env("HF_TOKEN"), folder("HF_TOKEN_PATH") ?? join(home, "token")),
    onWarning,
    offline,
    cacheFolder: cache,
    releasesFolder: join(cacheFolder, "releases"),
    fetch: request,
    clock,
    freeBytes,
  };
}

function userHome(env: Env): string {
  return env("HOME") || env("USERPROFILE") || ".";
}

function expandHome(path: string | undefined, env: Env) {
  if (!path) return undefined;
  return /^~([/\\]|$)/.test(path) ? join(userHome(env), path.slice(1)) : path;
}

/**
 * Gives the bytes that can still be written to the disk of a folder; nothing where the system does
 * not say. The folder need not exist: its nearest existing parent is asked.
 */
async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const parent = dirname(folder);
    return missing && parent !== folder ? await freeBytes(parent) : undefined;
  }
}

/**
 * Peekaboo's folder in the user's cache folder: `XDG_CACHE_HOME` or `~/.cache` on Linux,
 * `~/Library/Caches` on macOS, `LOCALAPPDATA` on Windows.
 */
export function userCacheFolder(
  os: typeof Deno.build.os,
  env: (name: string) => string | undefined,
): string {
  const home = env("HOME") ?? env("USERPROFILE") ?? ".";
  const base = os === "windows"
    ? env("LOCALAPPDATA") ?? join(home, "AppData", "Local")
    : os === "darwin"
    ? join(home, "Library", "Caches")
    : env("XDG_CACHE_HOME") || join(home, ".cache");
  return join(base, "peekaboo");
}
