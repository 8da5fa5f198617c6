import assert from "node:assert/strict";
import { COLOURS, EMOJI, EMOJI_WORDS, HUED_WORDS, HUES } from "./emoji.ts";

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
