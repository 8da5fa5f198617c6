import assert from "node:assert/strict";
import { memoryPage } from "../tasks/memory.ts";

Deno.test("docs/memory.md is what `deno task memory` writes", async () => {
  const page = await Deno.readTextFile(new URL("../docs/memory.md", import.meta.url));
  // Only the formatter's spaces and dashes in tables may differ.
  const bare = (text: string) => text.replace(/[ -]+/g, " ");
  assert.equal(bare(page), bare(await memoryPage()));
});
