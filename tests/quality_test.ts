/**
 * Are the masks right? A small sample of what `tasks/evaluate.ts` measures in full, on other scenes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { emojiGlyphs } from "../src/datasets/glyphs.ts";
import { type Query, sceneQueries } from "../src/datasets/queries.ts";
import { evaluate, type Segmenter } from "../src/evaluate/evaluate.ts";
import { mean } from "../src/evaluate/metrics.ts";
import { GENERIC_DEFAULTS } from "../src/catalog/models.ts";
import { loadModel } from "../src/models/load_model.ts";
import { segment } from "../src/segment.ts";
import { resolveSettings, type Settings } from "../src/settings/settings.ts";

/** The first of `emoji-c`'s validation split: a shield, a phone, a snowflake, … */
const FIRST = { split: "val", from: 0, to: 6, size: 128 } as const;

Deno.test("at the settings of a model without a manifest, a mask forms on the embedded model", async () => {
  await using model = await loadModel("emoji", { device: "cpu" });
  // A sixth of the iterations, for the sake of time; all of them reach more.
  const settings = resolveSettings(GENERIC_DEFAULTS, { iterations: 50 }, 1000);
  const segmenter: Segmenter = async (image, prompt) => {
    const [{ alpha, verdict }] = await segment(model, image, prompt, settings);
    assert.equal(verdict, "ok");
    return alpha;
  };
  const scenes = sceneQueries("emoji-c", { ...FIRST, to: 2 }, await emojiGlyphs());
  const queries = await Array.fromAsync(scenes);
  const { meanIou } = await evaluate(queries, segmenter, { clock: () => performance.now() });
  assert.ok(meanIou >= 0.6, `mean IoU ${meanIou}`);
});

Deno.test("at the default settings, rgb-bilateral finds the object, far better than raster", async () => {
  await using model = await loadModel("emoji", { device: "cpu" });
  const measure = async (queries: readonly Query[], variant: Settings["variant"]) => {
    const segmenter: Segmenter = async (image, prompt) => {
      const [{ alpha }] = await segment(model, image, prompt, { variant });
      return alpha;
    };
    return await evaluate(queries, segmenter, { clock: () => performance.now() });
  };
  const queries = await Array.fromAsync(sceneQueries("emoji-c", FIRST, await emojiGlyphs()));
  const { meanIou, results } = await measure(queries, "rgb-bilateral");
  const wholeImage = mean(results.map(({ wholeImageIou }) => wholeImageIou));
  assert.ok(meanIou >= 0.8, `mean IoU ${meanIou}`);
  assert.ok(meanIou > wholeImage + 0.4, `mean IoU ${meanIou}, of the whole image ${wholeImage}`);

  // Half of the scenes tell the variants apart; raster on all would be a longer wait.
  const half = results.slice(0, 3).map(({ iou }) => iou);
  const raster = await measure(queries.slice(0, 3), "raster");
  assert.ok(
    mean(half) >= raster.meanIou + 0.1,
    `mean IoU ${mean(half)}, raster's ${raster.meanIou}`,
  );
});
