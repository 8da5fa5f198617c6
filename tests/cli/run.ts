import { fileURLToPath } from "node:url";

/** The outcome of a run of the command line. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program, as a user starts it. */
export const MOD = fileURLToPath(new URL("../../mod.ts", import.meta.url));

/** Starts `deno run -A mod.ts …`, or another program of the project's, in a folder. */
export function start(
  args: readonly string[],
  cwd: string,
  program: string = MOD,
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", program, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `deno run -A mod.ts …`, or another program of the project's, in a folder to its end. */
export async function run(
  args: readonly string[],
  cwd: string,
  program: string = MOD,
): Promise<Run> {
  const { code, stdout, stderr } = await start(args, cwd, program).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** An empty folder that is removed with what is in it. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "peekaboo-test-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Names of the files below a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) names.push(name);
    else for (const inner of await filesIn(`${folder}/${name}`)) names.push(`${name}/${inner}`);
  }
  return names.sort();
}

/** Copies a folder with all that is in it. */
export async function copyFolder(from: string, to: string) {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
