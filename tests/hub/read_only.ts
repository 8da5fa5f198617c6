import { resolve } from "node:path";

/** The functions through which the hub's cache is written; the path that they write comes last. */
const WRITERS = [
  "copyFile",
  "mkdir",
  "remove",
  "rename",
  "symlink",
  "writeFile",
] as const;

/**
 * Refuses writes below a folder until it is disposed of, as a folder without write permission does:
 * for tests, which may run as root, whom permissions do not bind. It counts the refusals.
 */
export function readOnly(folder: string): Disposable & { readonly refused: readonly string[] } {
  const refused: string[] = [];
  const refuse = (path: string | URL) => {
    if (!resolve(String(path)).startsWith(resolve(folder))) return;
    refused.push(String(path));
    const error = new Deno.errors.PermissionDenied("Permission denied (os error 13)");
    throw Object.assign(error, { code: "EACCES" });
  };
  const { open } = Deno;
  const originals = WRITERS.map((name) => [name, Deno[name]] as const);
  Deno.open = async (path, options) => {
    if (options?.write || options?.create || options?.append) refuse(path);
    return await open(path, options);
  };
  for (const [name, original] of originals) {
    const paths = ["copyFile", "rename", "symlink"].includes(name) ? 2 : 1;
    const refusing = async (...args: unknown[]) => {
      // A folder that exists may be made again.
      if (name === "mkdir" && await exists(String(args[0]))) return;
      refuse(String(args[paths - 1]));
      return await Reflect.apply(original, Deno, args);
    };
    Reflect.set(Deno, name, refusing);
  }
  return {
    refused,
    [Symbol.dispose]() {
      Deno.open = open;
      for (const [name, original] of originals) Reflect.set(Deno, name, original);
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
