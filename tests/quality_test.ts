/**
 * Are the masks right? A small sample of what `tasks/evaluate.ts` measures in full, on other scenes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { sceneQueries } from "../src/datasets/queries.ts";
import { SCENE_SETS } from "../src/datasets/sets.ts";
import { evaluate, type Query, type Segmenter } from "../src/evaluate/evaluate.ts";
import { mean } from "../src/evaluate/metrics.ts";
import { loadModel } from "../src/models/load_model.ts";
import { segment } from "../src/segment.ts";
import type { Settings } from "../src/settings.ts";

/** The published figures are of seed 0. */
const SCENES = { count: 3, seed: 1, size: 128 };

Deno.test("at the default settings, rgb-bilateral finds the object, far better than raster", async () => {
  const glyphs = await emojiGlyphs();
  await using model = await loadModel("emoji-64", { device: "cpu" });
  const measure = async (queries: readonly Query[], variant: Settings["variant"]) => {
    const segmenter: Segmenter = async (image, prompt) => {
      const [{ alpha }] = await segment(model, image, prompt, { variant });
      return alpha;
    };
    return await evaluate(queries, segmenter, { clock: () => performance.now() });
  };
  const [easy, hard] = await Promise.all(
    SCENE_SETS.map((set) => Array.fromAsync(sceneQueries(set, SCENES, glyphs))),
  );
  const [onEasy, onHard] = [
    await measure(easy, "rgb-bilateral"),
    await measure(hard, "rgb-bilateral"),
  ];
  const meanIou = mean([onEasy.meanIou, onHard.meanIou]);
  const wholeImage = mean([onEasy.wholeImageMeanIou, onHard.wholeImageMeanIou]);
  assert.ok(meanIou >= 0.75, `mean IoU ${meanIou}`);
  assert.ok(meanIou > wholeImage + 0.4, `mean IoU ${meanIou}, of the whole image ${wholeImage}`);

  // One set tells the variants apart; raster on both would double the wait.
  const raster = await measure(hard, "raster");
  assert.ok(
    onHard.meanIou >= raster.meanIou + 0.1,
    `mean IoU ${onHard.meanIou}, raster's ${raster.meanIou}`,
  );
});
