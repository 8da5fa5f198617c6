import assert from "node:assert/strict";
import { columns, duration, oneLine } from "./text.ts";

Deno.test("oneLine escapes line breaks and control characters", () => {
  assert.equal(oneLine("a\ndog"), "a\\u000adog\n");
});

Deno.test("columns are as wide as their widest cell", () => {
  assert.equal(columns([["a", "5"], ["bcd", "17"]], [1]), "a     5\nbcd  17\n");
});

Deno.test("duration is as exact as one needs it", () => {
  const cases = { "8 s": 7.2, "2 min 5 s": 125, "2 h 1 min": 7260, "–": undefined };
  for (const [words, seconds] of Object.entries(cases)) assert.equal(duration(seconds), words);
});
