import assert from "node:assert/strict";
import { emojiGlyphs } from "../../src/datasets/glyphs.ts";
import { makeScene } from "../../src/datasets/scene.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { EXAMPLE_SIZE, EXAMPLES } from "../../tasks/examples.ts";

const glyphs = await emojiGlyphs();

Deno.test("examples/ holds the images tasks/examples.ts makes, and no others", async () => {
  const folder = new URL("../../examples/", import.meta.url);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const images = names.filter((name) => name.endsWith(".png")).sort();
  assert.deepEqual(images, Object.keys(EXAMPLES).map((name) => `${name}.png`).sort());
  for (const [name, spec] of Object.entries(EXAMPLES)) {
    const file = `${name}.png`;
    const { image } = await makeScene({ ...spec, size: EXAMPLE_SIZE }, glyphs);
    assert.deepEqual(await decodeImage(await Deno.readFile(new URL(file, folder)), file), image);
  }
});
