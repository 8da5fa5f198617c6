import assert from "node:assert/strict";
import { operatorTable } from "./operators.ts";

Deno.test("docs/operators.md is what `deno task ops` prints", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/operators.md", import.meta.url));
  assert.equal(page, operatorTable());
});
