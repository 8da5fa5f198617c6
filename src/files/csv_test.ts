import assert from "node:assert/strict";
import { csv } from "./csv.ts";

Deno.test("csv() quotes cells that hold a comma, a quote or a line break", () => {
  assert.equal(
    csv([["a", "b"], ['say "x"', "1,5"], ["c\nd", ""]]),
    'a,b\r\n"say ""x""","1,5"\r\n"c\nd",\r\n',
  );
});
