import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { EXIT, type Io } from "./io.ts";
import { oneLine } from "./text.ts";

/** The real process's streams, clock and signals. */
export function systemIo(): Io {
  // Without this folder, Mesa's Vulkan driver complains on standard error; it writes nothing there.
  if (Deno.build.os === "linux" && env("XDG_RUNTIME_DIR") === undefined) {
    allowed(() => Deno.env.set("XDG_RUNTIME_DIR", tmpdir()));
  }
  const writeError = (text: string) => writeAll(Deno.stderr, text);
  return {
    writeOut: (text) => writeAll(Deno.stdout, text),
    writeError,
    error: (message, hint) => writeError(oneLine(`error: ${message}${hint ? ` (${hint})` : ""}`)),
    warn: (message) => writeError(oneLine(`warning: ${message}`)),
    interactive: Deno.stderr.isTerminal(),
    now: () => performance.now(),
    env,
    cacheFolder: userCacheFolder(Deno.build.os, env),
    onInterrupt(stop, discard) {
      let presses = 0;
      const listener = () => {
        if (++presses === 1) return stop();
        discard();
        process.exit(EXIT.interrupted);
      };
      for (const signal of SIGNALS) Deno.addSignalListener(signal, listener);
      return {
        [Symbol.dispose]() {
          for (const signal of SIGNALS) Deno.removeSignalListener(signal, listener);
        },
      };
    },
  };
}

/** Windows knows no SIGTERM. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

function env(name: string): string | undefined {
  return allowed(() => Deno.env.get(name));
}

/** The value that `read` returns; undefined if a permission for it is missing. */
function allowed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

const encoder = new TextEncoder();

function writeAll(stream: { writeSync(data: Uint8Array): number }, text: string) {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    // Whoever read our output has heard enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
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
