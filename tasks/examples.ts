/**
 * Makes the images in examples/: `deno run -A tasks/examples.ts`. It writes the same bytes each time.
 * To add an image, add a line to {@link EXAMPLES}.
 */
import { fileURLToPath } from "node:url";
import type { EmojiWord } from "../src/datasets/emoji.ts";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { makeScene } from "../src/datasets/scene.ts";
import type { ObjectSpec, SceneSpec } from "../src/datasets/scene_spec.ts";
import { encodePng } from "../src/image/encode.ts";
import { writeFileAtomic } from "../src/files/write.ts";

const alone = (word: EmojiWord, scale: number, x: number, y: number): ObjectSpec[] => [
  { word, scale, x, y },
];
const pair = (left: EmojiWord, right: EmojiWord, ...[x, y, x2, y2]: number[]): ObjectSpec[] => [
  { word: left, scale: 0.46, x, y },
  { word: right, scale: 0.46, x: x2, y: y2 },
];

/** The scene of each image, by the name of its file without `.png`. */
export const EXAMPLES: Record<string, Omit<SceneSpec, "size">> = {
  "strawberry-on-stripes": {
    seed: 9,
    ground: "stripes",
    objects: alone("strawberry", 0.62, 0.635, 0.635),
  },
  "turtle-on-noise": { seed: 2, ground: "noise", objects: alone("turtle", 0.58, 0.672, 0.461) },
  "guitar-on-checker": { seed: 5, ground: "checker", objects: alone("guitar", 0.66, 0.393, 0.514) },
  "rocket-on-gradient": { seed: 2, ground: "gradient", objects: alone("rocket", 0.7, 0.568, 0.4) },
  "penguin-on-plain": { seed: 4, ground: "plain", objects: alone("penguin", 0.66, 0.607, 0.365) },
  "dog-left-cat-right": {
    seed: 5,
    ground: "gradient",
    objects: pair("dog", "cat", 0.242, 0.391, 0.734, 0.512),
  },
  "crown-left-ghost-right": {
    seed: 5,
    ground: "stripes",
    objects: pair("crown", "ghost", 0.258, 0.418, 0.742, 0.391),
  },
  "sailboat-left-balloon-right": {
    seed: 10,
    ground: "noise",
    objects: pair("sailboat", "balloon", 0.27, 0.305, 0.75, 0.297),
  },
};

/** Side of the examples in pixels. */
export const EXAMPLE_SIZE = 256;

if (import.meta.main) {
  const glyphs = await emojiGlyphs();
  for (const [name, spec] of Object.entries(EXAMPLES)) {
    const { image } = await makeScene({ ...spec, size: EXAMPLE_SIZE }, glyphs);
    const png = await encodePng(image);
    await writeFileAtomic(fileURLToPath(new URL(`../examples/${name}.png`, import.meta.url)), png);
  }
}
