/** docs/dependencies.md agrees with the source about npm packages. */
import assert from "node:assert/strict";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { filesIn } from "../cli/run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where modules are. */
const FOLDERS = ["src", "tasks", "tests", "bench"];
/** `npm:name@1.2.3`, with a path behind it or without. */
const SPECIFIER = /"npm:((?:@[\w.-]+\/)?[\w.-]+@\d[\w.-]*)/g;
/** A row of a table that begins with a package. */
const ROW = /^\| `((?:@[\w.-]+\/)?[\w.-]+@[^`]+)`/gm;

Deno.test("every package that is imported has a row, and every row is of one", async () => {
  const modules = ["mod.ts"];
  for (const folder of FOLDERS) {
    for (const name of await filesIn(`${ROOT}${folder}`)) modules.push(`${folder}/${name}`);
  }
  const imported = new Set<string>();
  for (const path of modules.filter((path) => extname(path) === ".ts")) {
    const text = await Deno.readTextFile(`${ROOT}${path}`);
    for (const [, specifier] of text.matchAll(SPECIFIER)) imported.add(specifier);
  }
  const page = await Deno.readTextFile(`${ROOT}docs/dependencies.md`);
  const rows = Array.from(page.matchAll(ROW), ([, specifier]) => specifier);
  assert.deepEqual(rows.toSorted(), [...imported].sort());
});
