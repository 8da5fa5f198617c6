import assert from "node:assert/strict";
import { phrase, phraseAtSide } from "./phrase.ts";

Deno.test("phrase says what the training captions say", () => {
  assert.equal(phrase("octopus"), "an octopus");
  assert.equal(phrase("octopus", "red"), "a red octopus");
  assert.equal(phrase("octopus", "orange"), "an orange octopus");
  assert.equal(phrase("yarn"), "yarn");
  assert.equal(phrase("yarn", "orange"), "orange yarn");
});

Deno.test("phraseAtSide is on the left or right, at the top or bottom", () => {
  assert.deepEqual(
    (["left", "right", "top", "bottom"] as const).map((side) => phraseAtSide("yarn", side)),
    ["yarn on the left", "yarn on the right", "yarn at the top", "yarn at the bottom"],
  );
});
