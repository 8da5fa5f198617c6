import assert from "node:assert/strict";
import grammar from "../datasets/emoji.json" with { type: "json" };
import { SCENE_SETS, sceneQuestion, type SceneSet } from "../datasets/sets.ts";
import emoji from "../../models/emoji.json" with { type: "json" };
import { isInvisible, unknownWords } from "./unknown_words.ts";

Deno.test("unknownWords names each word once, as it is written", () => {
  const known = "a and cake dog on the";
  for (
    const [text, unknown] of [
      ["a Dog, and the dog!", []],
      ["a Xyzzy and a xyzzy, an xyzzy", ["Xyzzy", "xyzzy", "an"]],
      ["the dog's cake", ["dog's"]],
      ["dog-cake", []],
      ["2 dogs", ["2", "dogs"]],
      ["a 猫 and قطة", ["猫", "قطة"]],
      ["a 👩‍🚀", ["👩‍🚀"]],
      ["a \u2764\ufe0f", ["\u2764\ufe0f"]],
      ["do\u200bg \u0007", ["do", "U+200B", "g", "U+0007"]],
      ["cafe\u0301", ["caf\u00e9"]],
      ["?!", []],
    ] as const
  ) assert.deepEqual(unknownWords([text], known), unknown, text);
  assert.deepEqual(unknownWords(["a cat", "a cat and a crow"], known), ["cat", "crow"]);
});

Deno.test("isInvisible tells a text that shows nothing", () => {
  for (const text of ["", " \t\n", "\u200b\u200d", "\ufeff", "\u0007\u001b", "\u00ad", "\u3000"]) {
    assert(isInvisible(text), JSON.stringify(text));
  }
  for (const text of ["a", ".", "猫", "\u{1f600}", "a\u200b"]) assert(!isInvisible(text), text);
});

Deno.test("the embedded model lists the words of its training captions", async () => {
  // The constant words of the captions in models/emoji/train/scenes.py.
  const rest = "a an and the small photo emoji of on at left right top bottom above below " +
    "background striped checkered";
  const phrases = Object.entries(grammar.words).flatMap(([word, { phrase }]) => [word, phrase]);
  const words = [rest, ...phrases, ...Object.keys({ ...grammar.hues, ...grammar.colours })]
    .flatMap((text) => text.split(" "));
  assert.equal(emoji.vocabulary, [...new Set(words)].sort().join(" "));

  // Training merged the letters of each of its words into one token.
  const tokens = await Deno.readTextFile(
    new URL("../../models/emoji/tokenizer/vocab.json", import.meta.url),
  );
  const single = JSON.parse(tokens);
  assert.deepEqual(emoji.vocabulary.split(" ").filter((word) => !(`${word}</w>` in single)), []);
});

Deno.test("the embedded model knows every word of the scene sets' prompts", () => {
  const prompts = (Object.keys(SCENE_SETS) as SceneSet[]).flatMap((set) =>
    Array.from({ length: 40 }, (_, index) => sceneQuestion(set, "val", index, 64).prompt)
  );
  assert(prompts.length >= 200);
  assert.deepEqual(unknownWords(prompts, emoji.vocabulary), []);
});
