import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { checkRivals, promptsOf } from "./labels.ts";

Deno.test("promptsOf takes a prompt, several, and means of some", () => {
  assert.deepEqual(promptsOf("a dog"), [["a dog"]]);
  assert.deepEqual(promptsOf(["a dog", ["a cat", "a kitten"]]), [["a dog"], ["a cat", "a kitten"]]);
});

Deno.test("promptsOf refuses labels without words", () => {
  assert.throws(() => promptsOf([]), refusal(/^No prompt given/));
  assert.throws(() => promptsOf([[]]), refusal(/^No prompt given/));
  assert.throws(() => promptsOf(["a dog", []]), refusal(/^Label 2 is the mean of no prompts/));
  assert.throws(() => promptsOf(["a dog", ["a cat", " "]]), refusal(/^Prompt 3 is empty/));
});

Deno.test("2 to 255 labels can compete", () => {
  checkRivals(2);
  checkRivals(255);
  assert.throws(() => checkRivals(1), refusal(/^Cannot make 1 prompt exclusive: wanted 2 to 255/));
  assert.throws(() => checkRivals(256), refusal(/^Cannot make 256 prompts exclusive/));
});
