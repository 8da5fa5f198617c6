/** The glyphs of the package, and scenes and tables that are made of them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { EMOJI_WORDS } from "../../src/datasets/emoji.ts";
import { emojiGlyphs } from "../../src/datasets/glyphs.ts";
import { findLookAlikes, LOOK_ALIKES } from "../../src/datasets/look_alikes.ts";
import { makeScene } from "../../src/datasets/scene.ts";
import { SCENE_SETS, sceneQuestion, type SceneSet } from "../../src/datasets/sets.ts";

const glyphs = await emojiGlyphs();

Deno.test("emojiGlyphs has an image of every word, its colour multiplied by its alpha", async () => {
  for (const word of EMOJI_WORDS) {
    const { width, height, channels, data } = await glyphs(word);
    assert.deepEqual([width, height, channels, data.length], [64, 64, 4, 4 * 64 * 64]);
    let visible = 0;
    for (let i = 0; i < data.length; i += 4) {
      const alpha = data[i + 3];
      assert.ok(Math.max(data[i], data[i + 1], data[i + 2]) <= alpha);
      if (alpha >= 0.5) visible++;
    }
    assert.ok(visible > 64 * 64 / 6, `${word}: ${visible} pixels`);
  }
});

Deno.test("look_alikes.json is what tasks/look_alikes.ts writes", async () => {
  assert.deepEqual(await findLookAlikes(glyphs), LOOK_ALIKES);
});

Deno.test("scenes of the sets have the same images, masks and depth on every machine", async () => {
  const hash = (data: Uint8Array) => createHash("sha256").update(data).digest("hex").slice(0, 8);
  const hashes = async (set: SceneSet) => {
    const { image, depth, objects } = await makeScene(sceneQuestion(set, "test", 4).spec, glyphs);
    const data = [image.data, objects[0].mask, new Uint8Array(depth.buffer)];
    return data.map(hash).join(" ");
  };
  const expected: Record<SceneSet, string> = {
    "emoji-c": "9b3047f9 9428950f af724ffe",
    "ref-emoji": "9f8778ef 0dd7bdfb 141ec3d3",
    "low-contrast": "cf8a68af 2b58b7db 0157bbbe",
    "clutter": "5c3c6852 7b9293fb 7ff0cc81",
    "look-alike": "7f8984b5 a918b927 ee163ff4",
    "small": "5a111f13 11b0f8e5 02a843fa",
  };
  for (const set of Object.keys(SCENE_SETS) as SceneSet[]) {
    assert.equal(await hashes(set), expected[set], set);
  }
});

Deno.test("objects asked for take about a sixth of emoji-c, a thirteenth of ref-emoji", async () => {
  const meanArea = async (set: SceneSet) => {
    let sum = 0;
    const [count, size] = [100, 64];
    for (let index = 0; index < count; index++) {
      const { objects: [{ mask }] } = await makeScene(
        sceneQuestion(set, "val", index, size).spec,
        glyphs,
      );
      sum += mask.filter((value) => value === 255).length / mask.length;
    }
    return sum / count;
  };
  const [one, several] = [await meanArea("emoji-c"), await meanArea("ref-emoji")];
  assert.ok(Math.abs(one - 1 / 6) < 0.01, String(one));
  assert.ok(Math.abs(several - 1 / 13) < 0.01, String(several));
});
