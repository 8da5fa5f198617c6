import { join } from "node:path";
import { UserError } from "../errors.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { freeBytes } from "./free_space.ts";
import { findToken, type HubToken } from "./hub_token.ts";

/** A place to download models from, and where they are kept. */
export interface Hub {
  /** Where the hub's requests go, e.g. `https://huggingface.co`. */
  readonly endpoint: URL;
  /** Shown to the endpoint, and to no other host. */
  readonly token?: HubToken | undefined;
  /** Told, once per token, that the endpoint refuses it; all goes on without it. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Whether to do without the network. */
  readonly offline: boolean;
  /** Cache in the Hugging Face layout, shared with whatever else uses it. */
  readonly cacheFolder: string;
  /** Cache of the same layout for files attached to GitHub releases. */
  readonly releasesFolder: string;
  /** How requests are made. */
  readonly fetch: typeof fetch;
  /**
   * For waiting and trying again.
   *
   * @internal
   */
  readonly clock: Clock;
  /** Bytes free where a folder is; nothing if that is not known. */
  readonly freeBytes: (folder: string) => Promise<number | undefined>;
}

/** What {@link hubFromEnvironment} cannot know from the environment. */
export interface HubDefaults {
  /** Peekaboo's own cache folder; releases' files go below it. */
  readonly cacheFolder: string;
  /** How to download; the global `fetch` unless given. */
  readonly fetch?: typeof fetch;
  /**
   * The machine's clock by default.
   *
   * @internal
   */
  readonly clock?: Clock;
  /** {@link Hub.onWarning}. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * The hub that the environment asks for, with the variables of Hugging Face's own tools:
 * `HF_ENDPOINT`, `HF_TOKEN` (else the file of `HF_TOKEN_PATH`, else `token` in `HF_HOME`),
 * `HF_HUB_OFFLINE`, `HF_HUB_CACHE` (else `hub` in `HF_HOME`), `HF_HOME` (else `huggingface` in
 * `XDG_CACHE_HOME`, else `~/.cache/huggingface`).
 *
 * @param env Looks up an environment variable.
 * @throws {UserError} If the endpoint is no web address, the token's file cannot be read, or the token
 * has characters that none has.
 *
 * @example
 * ```ts
 * import { hubFromEnvironment } from "./hub.ts";
 *
 * const env: Record<string, string> = { HF_HOME: "models", HF_HUB_OFFLINE: "1" };
 * const hub = await hubFromEnvironment((name) => env[name], { cacheFolder: "cache" });
 * console.assert(hub.offline && hub.endpoint.href === "https://huggingface.co/");
 * ```
 */
export async function hubFromEnvironment(
  env: (name: string) => string | undefined,
  { cacheFolder, fetch: request = fetch, clock = SYSTEM_CLOCK, onWarning }: HubDefaults,
): Promise<Hub> {
  const folder = (name: string) => expandHome(env(name), env);
  const home = folder("HF_HOME") ??
    join(folder("XDG_CACHE_HOME") ?? join(userHome(env), ".cache"), "huggingface");
  return {
    endpoint: endpointUrl(env("HF_ENDPOINT") || "https://huggingface.co"),
    token: await findToken(env("HF_TOKEN"), folder("HF_TOKEN_PATH") ?? join(home, "token")),
    onWarning,
    offline: /^(1|on|yes|true)$/i.test(env("HF_HUB_OFFLINE") ?? ""),
    cacheFolder: folder("HF_HUB_CACHE") ?? join(home, "hub"),
    releasesFolder: join(cacheFolder, "releases"),
    fetch: request,
    clock,
    freeBytes,
  };
}

function userHome(env: (name: string) => string | undefined): string {
  return env("HOME") || env("USERPROFILE") || ".";
}

function expandHome(path: string | undefined, env: (name: string) => string | undefined) {
  if (!path) return undefined;
  return /^~([/\\]|$)/.test(path) ? join(userHome(env), path.slice(1)) : path;
}

function endpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) {
    // A path that ends in `/` is a folder to resolve against.
    url.pathname = url.pathname.replace(/\/*$/, "/");
    return url;
  }
  throw new UserError(
    `Invalid HF_ENDPOINT "${text}": wanted a web address`,
    "e.g. https://huggingface.co, or leave it unset",
  );
}
