import { dirname, join } from "node:path";
import { isEmbedded } from "../src/catalog/manifest.ts";
import { MODELS } from "../src/catalog/models.ts";
import { embeddedFolder } from "../src/models/open_source.ts";

/** The manifest of the embedded model. */
export const [EMBEDDED] = MODELS.filter(isEmbedded);

/** Copies files of the embedded model into a folder, each as `copy` does it. */
export async function copyEmbeddedModel(
  folder: string,
  wanted: (path: string) => boolean,
  copy: (from: string, to: string) => Promise<void> = Deno.copyFile,
): Promise<void> {
  for (const { path } of EMBEDDED.source.files) {
    if (!wanted(path)) continue;
    const to = join(folder, path);
    await Deno.mkdir(dirname(to), { recursive: true });
    await copy(join(embeddedFolder(EMBEDDED.id), path), to);
  }
}

/** The content of each file of the embedded model, by its path: a repository of the stand-in hub. */
export async function embeddedContents(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const folder = embeddedFolder(EMBEDDED.id);
  const contents = EMBEDDED.source.files.map(async ({ path }) =>
    [path, await Deno.readFile(join(folder, path))] as const
  );
  return Object.fromEntries(await Promise.all(contents));
}
