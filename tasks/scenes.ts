/**
 * Writes a set of scenes with their true masks:
 *
 *     deno run -A tasks/scenes.ts --set ref-emoji --split test --out scenes
 *
 * For each scene it writes scenes/0000.png, scenes/0000.mask.png (the visible part of the object asked
 * for) and scenes/0000.depth.png (inverse depth, nearer is lighter). scenes/annotations.json in COCO's
 * format has the masks of all objects, and `prompt` and `kind` of the objects asked for.
 */
import { join } from "node:path";
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { type CocoScene, toCoco } from "../src/datasets/coco.ts";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { makeScene } from "../src/datasets/scene.ts";
import { SCENE_SETS, sceneQuestion, type SceneSet, SPLITS } from "../src/datasets/sets.ts";
import { writeFileAtomic } from "../src/files/write.ts";
import { encodePng } from "../src/image/encode.ts";
import type { Image } from "../src/image/image.ts";
import { alphaToGrey } from "../src/mask/cutout.ts";
import { wholeNumber } from "./options.ts";

const { set, split, count, size, out } = new Command("scenes")
  .description("Writes a set of emoji scenes, their true masks and depth, and COCO annotations.")
  .addOption(
    new Option("--set <name>").choices(Object.keys(SCENE_SETS) as SceneSet[])
      .makeOptionMandatory(),
  )
  .addOption(new Option("--split <name>").choices(SPLITS).default("test" as const))
  .option("--count <n>", "scenes, from the first on; all by default", wholeNumber(1))
  .option("--size <pixels>", "side of an image", wholeNumber(16), 128)
  .option("-o, --out <folder>", "folder for the files", "scenes")
  .parse()
  .opts();

await Deno.mkdir(out, { recursive: true });
const glyphs = await emojiGlyphs();
const scenes: CocoScene[] = [];
const all = SCENE_SETS[set][split];
for (let index = 0; index < Math.min(count ?? all, all); index++) {
  const { spec, prompt, kind } = sceneQuestion(set, split, index, size);
  const scene = await makeScene(spec, glyphs);
  const { image, depth, objects: [{ mask }] } = scene;
  const name = String(index).padStart(4, "0");
  const file = `${name}.png`;
  const write = async (file: string, image: Image) =>
    await writeFileAtomic(join(out, file), await encodePng(image));
  const grey = (data: Uint8Array): Image => ({ width: size, height: size, channels: 1, data });
  await write(file, image);
  await write(`${name}.mask.png`, grey(mask));
  await write(`${name}.depth.png`, alphaToGrey(image, depth));
  scenes.push({ file, scene, prompt, kind });
}
await writeFileAtomic(join(out, "annotations.json"), JSON.stringify(toCoco(scenes)) + "\n");
