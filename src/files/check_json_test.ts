import * as v from "npm:valibot@1.5.0";
import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { checkConfig, checkJson } from "./check_json.ts";

const SCHEMA = v.strictObject({
  size: v.pipe(v.number(), v.minValue(1, "a number of at least 1")),
  kinds: v.optional(v.array(v.picklist(["a", "b"])), []),
});

Deno.test("checkJson() gives the value, with defaults", () => {
  assert.deepEqual(checkJson(SCHEMA, '{"size": 2}', "x.json"), { size: 2, kinds: [] });
});

Deno.test("checkJson() names the file, the field and what it should be", () => {
  const cases: [string, RegExp][] = [
    ["{", /^Cannot read "x.json": Expected property name/],
    ["3", /^Cannot read "x.json": wanted Object, found 3$/],
    ["{}", /^Cannot read "x.json": field "size": missing$/],
    ['{"size": "2"}', /: field "size": wanted number, found "2"$/],
    ['{"size": 0}', /: field "size": wanted a number of at least 1, found 0$/],
    ['{"size": 1, "kinds": ["a", "c"]}', /: field "kinds.1": wanted \("a" \| "b"\), found "c"$/],
    ['{"size": 1, "sise": 2}', /: field "sise": not a known field$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => checkJson(SCHEMA, text, "x.json"), refusal(message));
  }
});

Deno.test("checkConfig() takes a field that is null for absent, at every depth", () => {
  const config = v.object({ size: v.optional(SCHEMA), sizes: v.optional(v.array(SCHEMA)) });
  const check = (text: string) => checkConfig(config, text, "x.json");
  assert.deepEqual(check('{"size": null, "sizes": [{"size": 2, "kinds": null, "sise": null}]}'), {
    sizes: [{ size: 2, kinds: [] }],
  });
  assert.throws(() => check('{"size": {"size": null}}'), refusal(/field "size.size": missing$/));
  assert.throws(() => check('{"sizes": [null]}'), refusal(/field "sizes.0": wanted Object, found/));
  assert.throws(() => check("null"), refusal(/^Cannot read "x.json": wanted Object, found/));
  assert.throws(() => check("{"), refusal(/^Cannot read "x.json": Expected property name/));
});
