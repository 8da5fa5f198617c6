import { tmpdir } from "node:os";
import process from "node:process";
import { userCacheFolder } from "./cache_folder.ts";
import { EXIT } from "./exit.ts";
import type { Io } from "./io.ts";

/** The real process's streams, clock and signals. */
export function systemIo(): Io {
  // Without this folder, Mesa's Vulkan driver complains on standard error; it writes nothing there.
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) {
    Deno.env.set("XDG_RUNTIME_DIR", tmpdir());
  }
  const encoder = new TextEncoder();
  const writeAll = (stream: { writeSync(data: Uint8Array): number }, text: string) => {
    let rest = encoder.encode(text);
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  };
  const writeError = (text: string) => writeAll(Deno.stderr, text);
  return {
    writeOut: (text) => writeAll(Deno.stdout, text),
    writeError,
    error: (message, hint) => writeError(`error: ${message}${hint ? ` (${hint})` : ""}\n`),
    warn: (message) => writeError(`warning: ${message}\n`),
    interactive: Deno.stderr.isTerminal(),
    now: () => performance.now(),
    cacheFolder: userCacheFolder(Deno.build.os, (name) => Deno.env.get(name)),
    onInterrupt(stop) {
      let presses = 0;
      const listener = () => {
        if (++presses > 1) process.exit(EXIT.interrupted);
        stop();
      };
      Deno.addSignalListener("SIGINT", listener);
      return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", listener) };
    },
  };
}
