/**
 * Writes a set of scenes with their true masks:
 *
 *     deno run -A tasks/scenes.ts --set hard --count 40 --size 128 --seed 0 --out scenes
 *
 * makes scenes/0000.png, scenes/0000.a-dog.mask.png (one an object), … and
 * scenes/annotations.json in COCO's format.
 */
import { join } from "node:path";
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { toCoco } from "../src/datasets/coco.ts";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { makeScene } from "../src/datasets/scene.ts";
import { SCENE_SETS, sceneSpec } from "../src/datasets/sets.ts";
import { encodePng } from "../src/image/encode.ts";
import { slug } from "../src/mask/slug.ts";
import { writeFileAtomic } from "../src/files/write.ts";
import { wholeNumber } from "./options.ts";

const { set, count, size, seed, out } = new Command("scenes")
  .description("Writes a set of emoji scenes, their true masks and COCO annotations.")
  .addOption(new Option("--set <name>").choices(SCENE_SETS).default("one-object" as const))
  .option("--count <n>", "scenes", wholeNumber(1), 40)
  .option("--size <pixels>", "side of a picture", wholeNumber(64), 128)
  .option("--seed <n>", "of the set", wholeNumber(0), 0)
  .option("-o, --out <folder>", "where the files go", "scenes")
  .parse()
  .opts();

await Deno.mkdir(out, { recursive: true });
const glyphs = await emojiGlyphs();
const scenes = [];
for (let index = 0; index < count; index++) {
  const scene = await makeScene(sceneSpec(set, index, { seed, size }), glyphs);
  const name = String(index).padStart(4, "0");
  const file = `${name}.png`;
  await writeFileAtomic(join(out, file), await encodePng(scene.image.data, size, size, 3));
  for (const { prompt, mask } of scene.objects) {
    const png = await encodePng(mask, size, size, 1);
    await writeFileAtomic(join(out, `${name}.${slug(prompt)}.mask.png`), png);
  }
  scenes.push({ file, scene });
}
await writeFileAtomic(join(out, "annotations.json"), JSON.stringify(toCoco(scenes)) + "\n");
