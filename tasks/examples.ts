/**
 * Makes the pictures in examples/: `deno run -A tasks/examples.ts`. They come out the same bytes as
 * they are there; another picture is another line in {@link EXAMPLES}.
 */
import { fileURLToPath } from "node:url";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { makeScene, type ObjectSpec, type SceneSpec } from "../src/datasets/scene.ts";
import { encodePng } from "../src/image/encode.ts";
import { writeFileAtomic } from "../src/files/write.ts";

const alone = (word: ObjectSpec["word"], scale: number): ObjectSpec[] => [
  { word, scale, part: "whole" },
];
const pair = (left: ObjectSpec["word"], right: ObjectSpec["word"]): ObjectSpec[] => [
  { word: left, scale: 0.46, part: "left" },
  { word: right, scale: 0.46, part: "right" },
];

/** Name of the file, without `.png`, and what it shows. */
export const EXAMPLES: Record<string, Omit<SceneSpec, "size">> = {
  "strawberry-on-stripes": { seed: 9, ground: "stripes", objects: alone("strawberry", 0.62) },
  "turtle-on-noise": { seed: 2, ground: "noise", objects: alone("turtle", 0.58) },
  "guitar-on-checker": { seed: 5, ground: "checker", objects: alone("guitar", 0.66) },
  "rocket-on-gradient": { seed: 2, ground: "gradient", objects: alone("rocket", 0.7) },
  "penguin-on-plain": { seed: 4, ground: "plain", objects: alone("penguin", 0.66) },
  "dog-left-cat-right": { seed: 5, ground: "gradient", objects: pair("dog", "cat") },
  "crown-left-ghost-right": { seed: 5, ground: "stripes", objects: pair("crown", "ghost") },
  "sailboat-left-balloon-right": {
    seed: 10,
    ground: "noise",
    objects: pair("sailboat", "balloon"),
  },
};

/** Side of the examples in pixels. */
export const EXAMPLE_SIZE = 256;

if (import.meta.main) {
  const glyphs = await emojiGlyphs();
  for (const [name, spec] of Object.entries(EXAMPLES)) {
    const { image } = await makeScene({ ...spec, size: EXAMPLE_SIZE }, glyphs);
    const png = await encodePng(image.data, image.width, image.height, 3);
    await writeFileAtomic(fileURLToPath(new URL(`../examples/${name}.png`, import.meta.url)), png);
  }
}
