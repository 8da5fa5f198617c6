import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "npm:fast-check@4.10.2";
import type { GlyphSource } from "./glyphs.ts";
import { GROUNDS } from "./grounds.ts";
import { makeScene, type ObjectSpec, type SceneSpec } from "./scene.ts";

/** Stand-in glyphs: a disc in a colour of the word's own, on clear ground. */
const discs: GlyphSource = (word) => {
  const side = 16;
  const colour = [word.length % 3, word.length % 4, word.length % 5].map((v) => v / 4);
  const data = new Float32Array(4 * side * side);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side - 7.5, Math.floor(i / side) - 7.5];
    if (x * x + y * y < 49) data.set([...colour, 1], 4 * i);
  }
  return Promise.resolve({ width: side, height: side, channels: 4, data });
};

const alone: ObjectSpec[] = [{ word: "dog", scale: 0.6, part: "whole" }];
const pair: ObjectSpec[] = [
  { word: "dog", scale: 0.5, part: "left" },
  { word: "octopus", scale: 0.3, part: "right" },
];
const spec = (more: Partial<SceneSpec>): SceneSpec => ({
  seed: 1,
  size: 64,
  ground: "stripes",
  objects: alone,
  ...more,
});

const hash = (data: Uint8Array) => createHash("sha256").update(data).digest("hex").slice(0, 16);

Deno.test("makeScene gives the same bytes on every machine", async () => {
  const hashes = await Promise.all(GROUNDS.map(async (ground) => {
    const { image, objects } = await makeScene(spec({ ground, objects: pair }), discs);
    return hash(Uint8Array.from([...image.data, ...objects[0].mask, ...objects[1].mask]));
  }));
  assert.deepEqual(hashes, [
    "a67640d5fc83ad4c",
    "08b00f7235c60e84",
    "9938c143babb33f6",
    "55ece351aca5b277",
    "2137f21ffa21151c",
  ]);
});

Deno.test("makeScene changes with the seed", async () => {
  const [a, b] = await Promise.all([1, 2].map((seed) => makeScene(spec({ seed }), discs)));
  assert.notDeepEqual(a.image.data, b.image.data);
  assert.notDeepEqual(a.objects[0].mask, b.objects[0].mask);
});

Deno.test("makeScene's mask is where the object hides the ground", async () => {
  const { image, objects: [{ mask, prompt }] } = await makeScene(spec({ ground: "plain" }), discs);
  assert.equal(prompt, "a dog");
  const plain = image.data.subarray(0, 3).join();
  mask.forEach((value, i) => {
    assert.ok(value === 0 || value === 255);
    if (value === 255) assert.notEqual(image.data.subarray(3 * i, 3 * i + 3).join(), plain);
  });
  // A disc of radius 7 in 16, in a glyph of 0.6 of the side.
  const fraction = mask.filter((value) => value === 255).length / mask.length;
  assert.ok(Math.abs(fraction - Math.PI * (7 / 16 * 0.6) ** 2) < 0.01, String(fraction));
});

Deno.test("makeScene shows the same scene at every size", async () => {
  const fractions = await Promise.all([64, 257].map(async (size) => {
    const { objects: [{ mask }] } = await makeScene(spec({ size }), discs);
    return mask.filter((value) => value === 255).length / mask.length;
  }));
  assert.ok(Math.abs(fractions[0] - fractions[1]) < 0.01, fractions.join());
});

Deno.test("makeScene keeps two objects in their halves", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 2, max: 65 }),
      fc.constantFrom(...GROUNDS),
      async (seed, size, ground) => {
        const { objects } = await makeScene(spec({ seed, size, ground, objects: pair }), discs);
        const columns = objects.map(({ mask }) =>
          Array.from(mask.keys()).filter((i) => mask[i] > 0).map((i) => i % size)
        );
        assert.ok(Math.max(...columns[0]) < size / 2);
        assert.ok(Math.min(...columns[1]) >= size / 2);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("makeScene refuses objects that may meet or do not fit", async () => {
  const [left, right] = pair;
  const wrong: ObjectSpec[][] = [
    [],
    [...alone, left],
    [left, left],
    [left, right, right],
    [{ ...left, scale: 0.51 }],
    [{ ...alone[0], scale: 1.1 }],
    [{ ...alone[0], scale: 0 }],
  ];
  for (const objects of wrong) {
    await assert.rejects(makeScene(spec({ objects }), discs), RangeError);
  }
});
