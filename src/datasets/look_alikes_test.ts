import assert from "node:assert/strict";
import { EMOJI_WORDS, shareName } from "./emoji.ts";
import { findLookAlikes, LOOK_ALIKES } from "./look_alikes.ts";

Deno.test("every word has look-alikes among the words, none of which it may mean", () => {
  assert.deepEqual(Object.keys(LOOK_ALIKES), EMOJI_WORDS);
  for (const word of EMOJI_WORDS) {
    assert.equal(new Set(LOOK_ALIKES[word]).size, 3);
    for (const other of LOOK_ALIKES[word]) {
      assert.ok(EMOJI_WORDS.includes(other) && !shareName(word, other), `${word}, ${other}`);
    }
  }
});

Deno.test("findLookAlikes finds the nearest in colour and shape, the nearest first", async () => {
  const found = await findLookAlikes((word) => {
    const data = new Float32Array(4 * 4);
    const grey = EMOJI_WORDS.indexOf(word) / EMOJI_WORDS.length;
    // Names are in alphabetical order, so neighbours in the list look alike; but stars are clear.
    if (word !== "star") { for (let i = 0; i < 4; i++) data.set([grey, grey, grey, 1], 4 * i); }
    return Promise.resolve({ width: 2, height: 2, channels: 4, data });
  });
  const at = EMOJI_WORDS.indexOf("dog");
  assert.equal(found.dog.length, 3);
  assert.deepEqual(
    new Set(found.dog.slice(0, 2)),
    new Set([EMOJI_WORDS[at - 1], EMOJI_WORDS[at + 1]]),
  );
  assert.deepEqual(found.star, EMOJI_WORDS.slice(0, 3));
});
