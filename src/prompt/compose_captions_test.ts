import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { composeCaptions, DEFAULT_TEMPLATE } from "./compose_captions.ts";

Deno.test("captions are the foregrounds' rows and the backgrounds' columns", () => {
  assert.deepEqual(composeCaptions(["a", "b"], ["x", "y", "z"], DEFAULT_TEMPLATE), [
    ..."xyz".split("").map((background) => `a by ${background}`),
    ..."xyz".split("").map((background) => `b by ${background}`),
  ]);
});

Deno.test("a template may say them in any order and more than once; prompts are left as they are", () => {
  const template = "{background}: {foreground}, {foreground}";
  assert.deepEqual(composeCaptions(["$& {background}"], ["{foreground}"], template), [
    "{foreground}: $& {background}, $& {background}",
  ]);
});

Deno.test("a template that lacks one of them is refused", () => {
  const refused = (template: string, message: RegExp) =>
    assert.throws(() => composeCaptions(["a"], ["b"], template), refusal(message));
  refused("a {foreground}", /Invalid template "a \{foreground\}": wanted \{background\} in it/);
  refused("", /Invalid template "": wanted \{foreground\} in it/);
});
