import assert from "node:assert/strict";
import { EMOJI_WORDS } from "../../src/datasets/emoji_words.ts";
import { emojiGlyphs } from "../../src/datasets/glyphs.ts";
import { makeScene } from "../../src/datasets/scene.ts";
import { SCENE_SETS, sceneSpec } from "../../src/datasets/sets.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { EXAMPLE_SIZE, EXAMPLES } from "../../tasks/examples.ts";

const glyphs = await emojiGlyphs();

Deno.test("emojiGlyphs has a picture of every word, its colour multiplied by its alpha", async () => {
  for (const word of EMOJI_WORDS) {
    const { width, height, channels, data } = await glyphs(word);
    assert.deepEqual([width, height, channels, data.length], [64, 64, 4, 4 * 64 * 64]);
    let opaque = 0;
    for (let i = 0; i < data.length; i += 4) {
      const alpha = data[i + 3];
      assert.ok(Math.max(data[i], data[i + 1], data[i + 2]) <= alpha);
      if (alpha === 1) opaque++;
    }
    assert.ok(opaque > 64 * 64 / 5, `${word}: ${opaque} opaque pixels`);
  }
});

Deno.test("examples/ holds the pictures tasks/examples.ts makes, and no others", async () => {
  const folder = new URL("../../examples/", import.meta.url);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const pictures = names.filter((name) => name.endsWith(".png")).sort();
  assert.deepEqual(pictures, Object.keys(EXAMPLES).map((name) => `${name}.png`).sort());
  for (const [name, spec] of Object.entries(EXAMPLES)) {
    const file = `${name}.png`;
    const { image } = await makeScene({ ...spec, size: EXAMPLE_SIZE }, glyphs);
    assert.deepEqual(await decodeImage(await Deno.readFile(new URL(file, folder)), file), image);
  }
});

/** Mean fraction of the picture that the object asked for takes. */
async function meanFraction(set: typeof SCENE_SETS[number]): Promise<number> {
  let sum = 0;
  const [count, size] = [120, 64];
  for (let index = 0; index < count; index++) {
    const { objects: [{ mask }] } = await makeScene(
      sceneSpec(set, index, { seed: 0, size }),
      glyphs,
    );
    sum += mask.filter((value) => value === 255).length / mask.length;
  }
  return sum / count;
}

Deno.test("objects take about 25 % of one-object scenes and 11 % of hard ones", async () => {
  const [oneObject, hard] = [await meanFraction("one-object"), await meanFraction("hard")];
  assert.ok(Math.abs(oneObject - 0.25) < 0.02, String(oneObject));
  assert.ok(Math.abs(hard - 0.11) < 0.01, String(hard));
});
