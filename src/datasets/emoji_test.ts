import assert from "node:assert/strict";
import {
  anotherThing,
  COLOURS,
  EMOJI,
  EMOJI_WORDS,
  HUED_WORDS,
  HUES,
  inSomeColour,
  phrase,
  phraseAtSide,
  shareName,
} from "./emoji.ts";
import { randomChoices } from "./random_choices.ts";

Deno.test("every word has a glyph of its own and a phrase that names it", () => {
  assert.equal(new Set(EMOJI_WORDS.map((word) => EMOJI[word].glyph)).size, EMOJI_WORDS.length);
  for (const word of EMOJI_WORDS) {
    const { glyph, phrase } = EMOJI[word];
    assert.match(glyph, /^[0-9a-f]{4,5}(-[0-9a-f]{4,5})*$/);
    assert.ok([word, `a ${word}`, `an ${word}`].includes(phrase), phrase);
  }
});

Deno.test("hues are degrees, colours fractions", () => {
  for (const degrees of [...Object.values(HUES), ...HUED_WORDS.map((word) => EMOJI[word].hue)]) {
    assert.ok(degrees !== undefined && degrees >= 0 && degrees < 360, String(degrees));
  }
  for (const colour of Object.values(COLOURS)) {
    assert.equal(colour.length, 3);
    assert.ok(colour.every((channel) => channel >= 0 && channel <= 1));
  }
  assert.deepEqual(COLOURS.black, [20 / 255, 20 / 255, 20 / 255]);
});

Deno.test("phrase says what the training captions say", () => {
  assert.equal(phrase("octopus"), "an octopus");
  assert.equal(phrase("octopus", "red"), "a red octopus");
  assert.equal(phrase("octopus", "orange"), "an orange octopus");
  assert.equal(phrase("car"), "a car");
  assert.equal(phrase("jeans", "blue"), "blue jeans");
  assert.equal(phrase("yarn"), "yarn");
  assert.equal(phrase("yarn", "orange"), "orange yarn");
});

Deno.test("phraseAtSide is on the left or right, at the top or bottom", () => {
  assert.deepEqual(
    (["left", "right", "top", "bottom"] as const).map((side) => phraseAtSide("yarn", side)),
    ["yarn on the left", "yarn on the right", "yarn at the top", "yarn at the bottom"],
  );
});

Deno.test("shareName sees words in common, singular or plural", () => {
  assert.ok(shareName("dog", "dog"));
  assert.ok(shareName("bear", "teddy bear") && shareName("polar bear", "teddy bear"));
  assert.ok(shareName("books", "book"));
  assert.ok(shareName("car", "police car") && !shareName("car", "taxi"));
  assert.ok(!shareName("egg", "eggplant") && !shareName("car", "carrot"));
});

Deno.test("inSomeColour colours only what has a hue, about half of the time", () => {
  const hues = Array.from(
    { length: 400 },
    (_, i) => inSomeColour("car", randomChoices(1, 0, i)).hue,
  );
  const coloured = hues.filter((hue) => hue !== undefined);
  assert.ok(Math.abs(coloured.length - 200) < 50, String(coloured.length));
  assert.equal(new Set(coloured).size, 7);
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(inSomeColour("dog", randomChoices(1, 0, i)), { word: "dog" });
  }
});

Deno.test("anotherThing is never one that the word names", () => {
  for (let i = 0; i < 2000; i++) {
    const { word } = anotherThing("bear", randomChoices(1, 0, i));
    assert.ok(!["bear", "teddy bear", "polar bear"].includes(word), word);
  }
});
