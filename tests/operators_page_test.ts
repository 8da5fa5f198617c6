import assert from "node:assert/strict";
import { operatorsPage } from "../tasks/ops.ts";

const PAGE = new URL("../docs/operators.md", import.meta.url);

/** Cells and words, without the spaces that align a table's columns. */
const words = (markdown: string) => markdown.replace(/[ -]+/g, " ");

Deno.test("docs/operators.md is what `deno task ops` writes", async () => {
  assert.equal(words(await Deno.readTextFile(PAGE)), words(await operatorsPage()));
});
