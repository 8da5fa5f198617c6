import { fileURLToPath } from "node:url";

/** Path of a file or folder in `tests/fixtures`. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}
