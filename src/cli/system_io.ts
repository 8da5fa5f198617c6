import process from "node:process";
import { tmpdir } from "node:os";
import { fileError } from "../files/file_error.ts";
import { userCacheFolder } from "../hub/hub.ts";
import { oneLine } from "./text.ts";
import { EXIT, type Io } from "./io.ts";

/** The real process's streams, clock and signals. */
export function systemIo(): Io {
  // Without this folder, Mesa's Vulkan driver complains on standard error; it writes nothing there.
  if (Deno.build.os === "linux" && env("XDG_RUNTIME_DIR") === undefined) {
    allowed(() => Deno.env.set("XDG_RUNTIME_DIR", tmpdir()));
  }
  const writeError = (text: string) => {
    try {
      writeAll(Deno.stderr, text);
    } catch {
      // Nobody is left to tell; the exit code says it.
    }
  };
  return {
    writeOut(text) {
      try {
        writeAll(Deno.stdout, text);
      } catch (cause) {
        // Whoever read our output has heard enough.
        if (cause instanceof Deno.errors.BrokenPipe) return;
        throw fileError("Cannot write to standard output", cause, "write it where there is room");
      }
    },
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
  while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
}
