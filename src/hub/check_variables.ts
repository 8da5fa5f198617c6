import { UserError } from "../errors.ts";

/** Looks up an environment variable. */
export type Env = (name: string) => string | undefined;

/**
 * Reads the address of a hub, which may have a path; that ends in `/` then, because the paths of
 * requests are resolved against it.
 *
 * @throws {UserError} It is not a web address, or it holds a password or a query.
 */
export function endpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const hint = "e.g. https://huggingface.co, or leave it unset";
  const refuse = (problem: string, advice = hint) =>
    new UserError(
      `Invalid HF_ENDPOINT "${withoutPassword(text)}": wanted a web address, ${problem}`,
      advice,
    );
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse(
      url && /^\w+:\/\//.test(text) ? `found ${url.protocol}` : "found no https:// in it",
    );
  }
  if (url.username || url.password) {
    throw refuse("found one with a user name or password", "leave them out, and set HF_TOKEN");
  }
  if (url.search || url.hash) throw refuse("found one with a query or fragment");
  url.pathname = url.pathname.replace(/\/*$/, "/");
  return url;
}

const PROXIES = ["http_proxy", "https_proxy", "all_proxy"];

/**
 * Checks the variables that name a proxy: Deno passes over one that it does not understand, and would
 * make the requests without a proxy.
 *
 * @throws {UserError} One of them is not the address of a proxy.
 */
export function checkProxies(env: Env): void {
  for (const name of PROXIES.flatMap((lower) => [lower.toUpperCase(), lower])) {
    const text = env(name)?.trim();
    if (!text || isProxy(text)) continue;
    throw new UserError(
      `Invalid ${name} "${withoutPassword(text)}": wanted the address of an HTTP or SOCKS5 proxy`,
      "e.g. http://proxy.example:3128, or unset it",
    );
  }
}

/** Whether Deno understands a proxy's address: `host:port`, or a URL. */
function isProxy(text: string): boolean {
  const [, scheme, rest] = text.match(/^(?:(\w+):\/\/)?([\x21-\x7e]+)$/) ?? [];
  if (rest === undefined || !URL.canParse(`http://${rest}`)) return false;
  return scheme === undefined ? /:\d+\/?$/.test(rest) : /^(https?|socks5h?)$/i.test(scheme);
}

/** An address whose user name and password are blotted out, for messages. */
function withoutPassword(address: string): string {
  return address.replace(/^(\w+:\/+)?[^/]*@/, "$1…@");
}

/**
 * Checks that the cache's folder is one, or does not exist yet.
 *
 * @param variable The variable that gave it.
 * @throws {UserError} It is a file, or a part of its path is.
 */
export async function checkCacheFolder(path: string, variable: string): Promise<void> {
  let found = "a file";
  try {
    if ((await Deno.stat(path)).isDirectory) return;
  } catch (error) {
    // Whoever reads or writes there says why that is refused.
    if (!(error instanceof Deno.errors.NotADirectory)) return;
    found = "a file on the way to it";
  }
  throw new UserError(
    `Invalid cache folder "${path}" of ${variable}: wanted a folder, found ${found}`,
    `give a folder in ${variable}, or unset it`,
  );
}
