import { join } from "node:path";

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
