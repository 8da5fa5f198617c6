/**
 * Writes a set of scenes with their true masks:
 *
 *     deno run -A tasks/scenes.ts --set ref-emoji --split test --out scenes
 *
 * For each scene it writes scenes/0000.png, scenes/0000.mask.png (the visible part of the object asked
 * for) and scenes/0000.depth.png (inverse depth, nearer is lighter). scenes/annotations.json in COCO's
 * format has the masks of all objects, and `prompt` and `kind` of the objects asked for.
 */
import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { type CocoScene, toCoco } from "../src/datasets/coco.ts";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { makeScene } from "../src/datasets/scene.ts";
import { SCENE_SETS, sceneQuestion, type SceneSet, SPLITS } from "../src/datasets/sets.ts";
import { encodePng } from "../src/image/encode.ts";
import type { Image } from "../src/image/image.ts";
import { alphaToGrey } from "../src/mask/cutout.ts";
import { checkOwnFiles } from "../src/report/own_files.ts";
import { openOutputFolder } from "../src/report/output_folder.ts";
import { toldInLines, wholeNumber } from "./options.ts";

const { set, split, count, size, out, overwrite } = new Command("scenes")
  .description("Writes a set of emoji scenes, their true masks and depth, and COCO annotations.")
  .addOption(
    new Option("--set <name>").choices(Object.keys(SCENE_SETS) as SceneSet[])
      .makeOptionMandatory(),
  )
  .addOption(new Option("--split <name>").choices(SPLITS).default("test" as const))
  .option("--count <n>", "scenes, from the first on; all by default", wholeNumber(1))
  .option("--size <pixels>", "side of an image", wholeNumber(16), 128)
  .option("-o, --out <folder>", "folder for the files", "scenes")
  .option("--overwrite", "replace also files of the same names that Peekaboo did not write")
  .parse()
  .opts();

await toldInLines(main);

async function main() {
  const number = Math.min(count ?? Infinity, SCENE_SETS[set][split]);
  const names = Array.from({ length: number }, (_, index) => String(index).padStart(4, "0"));
  const ends = [".png", ".mask.png", ".depth.png"];
  const files = [
    ...names.flatMap((name) => ends.map((end) => `${name}${end}`)),
    "annotations.json",
  ];
  await checkOwnFiles(out, files, { overwrite });
  using folder = await openOutputFolder(out, files);
  const glyphs = await emojiGlyphs();
  const scenes: CocoScene[] = [];
  for (const [index, name] of names.entries()) {
    const { spec, prompt, kind } = sceneQuestion(set, split, index, size);
    const scene = await makeScene(spec, glyphs);
    const { image, depth, objects: [{ mask }] } = scene;
    const file = `${name}.png`;
    const write = async (file: string, image: Image) =>
      await folder.write(file, await encodePng(image));
    const grey = (data: Uint8Array): Image => ({ width: size, height: size, channels: 1, data });
    await write(file, image);
    await write(`${name}.mask.png`, grey(mask));
    await write(`${name}.depth.png`, alphaToGrey(image, depth));
    scenes.push({ file, scene, prompt, kind });
  }
  await folder.write("annotations.json", JSON.stringify(toCoco(scenes)) + "\n");
}
