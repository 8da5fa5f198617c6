import { EXIT, type Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { oneLine } from "../../src/cli/text.ts";
import type { Run } from "./run.ts";

/** The world outside of a run in this process. */
export interface FakeWorld {
  readonly env: Readonly<Record<string, string>>;
  readonly cacheFolder: string;
  /** Given what stops the job, as the first Ctrl-C does. */
  readonly onStart?: (stop: () => void) => void;
}

/** Runs the command line in this process: quicker than a process of its own. */
export async function runHere(args: readonly string[], world: FakeWorld): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const line = (kind: string, message: string, hint = "") => {
    stderr += oneLine(`${kind}: ${message}${hint && ` (${hint})`}`);
  };
  const io: Io = {
    writeOut: (text) => stdout += text,
    writeError: (text) => stderr += text,
    error: (message, hint) => line("error", message, hint),
    warn: (message) => line("warning", message),
    interactive: false,
    now: () => performance.now(),
    env: (name) => world.env[name],
    cacheFolder: world.cacheFolder,
    onInterrupt(stop) {
      world.onStart?.(stop);
      return { [Symbol.dispose]: () => {} };
    },
  };
  const code = await main(args, io);
  if (code === EXIT.bug) throw new Error(stderr);
  return { code, stdout, stderr };
}

/**
 * Runs the command line in this process, whose working folder is another meanwhile; the environment
 * is empty. Tests of one file run one after the other, so that no other test sees the change.
 */
export async function runIn(args: readonly string[], folder: string): Promise<Run> {
  const home = Deno.cwd();
  Deno.chdir(folder);
  try {
    return await runHere(args, { env: {}, cacheFolder: `${folder}/cache` });
  } finally {
    Deno.chdir(home);
  }
}
