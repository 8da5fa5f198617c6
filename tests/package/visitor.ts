import { fileURLToPath } from "node:url";
import { type Run, temporaryFolder } from "../cli/run.ts";

const LOCK = fileURLToPath(new URL("../../deno.lock", import.meta.url));

/** Somebody who has Deno and its npm packages, but has never seen this project. */
export interface Visitor extends AsyncDisposable {
  /** The folder that commands run in; empty at first. */
  readonly folder: string;
  /** The cache folder of all programs; empty at first. */
  readonly cache: string;
  /** Runs `deno run -A …` to its end. */
  run(...args: string[]): Promise<Run>;
}

/**
 * A visitor's home: Deno's cache holds this machine's npm packages and nothing else, and versions
 * are those of `deno.lock`, so that nothing is asked of the npm registry.
 */
export async function newVisitor(): Promise<Visitor> {
  const home = await temporaryFolder();
  const [folder, cache, denoDir] = ["work", "cache", "deno"].map((name) => `${home.path}/${name}`);
  for (const path of [folder, cache, denoDir]) await Deno.mkdir(path);
  await Deno.symlink(`${await denoCache()}/npm`, `${denoDir}/npm`);
  // A copy: Deno adds the modules it downloads.
  const lock = `${home.path}/deno.lock`;
  await Deno.copyFile(LOCK, lock);
  return {
    folder,
    cache,
    async run(...args) {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", `--lock=${lock}`, ...args],
        cwd: folder,
        env: { NO_COLOR: "1", DENO_DIR: denoDir, XDG_CACHE_HOME: cache },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

/** The folder that Deno caches in. */
async function denoCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
