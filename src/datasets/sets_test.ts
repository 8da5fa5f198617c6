import assert from "node:assert/strict";
import { EMOJI_WORDS } from "./emoji_words.ts";
import { GROUNDS } from "./grounds.ts";
import { SCENE_SETS, sceneSpec } from "./sets.ts";

const forty = (set: typeof SCENE_SETS[number], seed: number) =>
  Array.from({ length: 40 }, (_, index) => sceneSpec(set, index, { seed, size: 128 }));

Deno.test("forty scenes of a set ask for each of the forty words once", () => {
  assert.equal(EMOJI_WORDS.length, 40);
  for (const set of SCENE_SETS) {
    const words = new Set(forty(set, 3).map(({ objects }) => objects[0].word));
    assert.equal(words.size, 40);
  }
});

Deno.test("sceneSpec depends on set, index and seed alone", () => {
  assert.deepEqual(sceneSpec("hard", 7, { seed: 5, size: 64 }), {
    ...sceneSpec("hard", 7, { seed: 5, size: 256 }),
    size: 64,
  });
  assert.notDeepEqual(forty("hard", 5), forty("hard", 6));
});

Deno.test("one-object scenes have one large object on grounds of every kind", () => {
  const specs = forty("one-object", 1);
  for (const { objects } of specs) {
    assert.equal(objects.length, 1);
    assert.ok(objects[0].scale >= 0.55 && objects[0].scale <= 0.9);
  }
  assert.equal(new Set(specs.map(({ ground }) => ground)).size, GROUNDS.length);
});

Deno.test("hard scenes have one object on a texture, or two, asking for either side", () => {
  const specs = forty("hard", 1);
  const pairs = specs.filter(({ objects }) => objects.length === 2);
  assert.equal(pairs.length, 20);
  assert.equal(new Set(pairs.map(({ objects }) => objects[0].part)).size, 2);
  for (const { objects: [target, other] } of pairs) assert.notEqual(target.word, other.word);
  for (const { objects, ground } of specs) {
    if (objects.length === 1) assert.ok(["noise", "stripes", "checker"].includes(ground));
  }
});
