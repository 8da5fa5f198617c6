/**
 * Are the images that `generate` makes of what was asked for, and come apart from their ground?
 *
 * @module
 */
import assert from "node:assert/strict";
import { EMOJI_WORDS, phrase } from "../src/datasets/emoji.ts";
import { mean } from "../src/evaluate/metrics.ts";
import { generate, type Layer } from "../src/generate.ts";
import type { Image } from "../src/image/image.ts";
import { loadModel } from "../src/models/load_model.ts";
import { clipRankings } from "./clip_rankings.ts";

Deno.test("a strawberry becomes red and a frog green, with a mask that has decided", async () => {
  await using model = await loadModel("emoji", { device: "cpu" });
  // Fewer, longer steps than the default's on fewer pixels, for the sake of time.
  const settings = { iterations: 40, learningRate: 2e-3, size: 32 };
  const [strawberry, frog] = await generate(model, ["a strawberry", "a frog"], settings);
  for (const layer of [strawberry, frog]) {
    const { alpha } = layer;
    const area = mean([...alpha]);
    assert(area > 0.05 && area < 0.6, `${layer.prompt} covers ${area}`);
    const decided = alpha.filter((a) => a < 0.1 || a > 0.9).length / alpha.length;
    assert(decided > 0.7, `${layer.prompt}: ${decided} of the pixels are clear or opaque`);
  }
  const [red, green] = meanColour(strawberry);
  assert(red > green + 50, `a strawberry is red, not ${[red, green]}`);
  const [frogRed, frogGreen] = meanColour(frog);
  assert(frogGreen > frogRed + 15, `a frog is green, not ${[frogRed, frogGreen]}`);
});

Deno.test("CLIP finds what was generated most like its word, on any ground", async () => {
  await using model = await loadModel("emoji", { device: "cpu" });
  const clip = await model.clipModel();
  assert(clip);
  const texts = EMOJI_WORDS.map((word) => phrase(word));
  // Half of the default's, for the sake of time.
  const [layer] = await generate(model, "a strawberry", { iterations: 100 });
  const area = mean([...layer.alpha]);
  assert(area > 0.05 && area < 0.6, `a strawberry covers ${area}`);
  const greys = [0, 128, 255];
  const images = greys.map((grey) => over(layer, grey));
  for (const [i, ranking] of (await clipRankings(model, clip, images, texts)).entries()) {
    assert.equal(ranking[0], "a strawberry", `on grey ${greys[i]}: ${ranking.slice(0, 5)}`);
  }
});

/** The layer on a ground of one grey, 0..255. */
function over({ image, alpha }: Layer, grey: number): Image {
  const data = image.data.map((value, i) => {
    const a = alpha[Math.floor(i / 3)];
    return Math.round(a * value + (1 - a) * grey);
  });
  return { ...image, data };
}

/** Of what is opaque: red, green and blue, 0..255. */
function meanColour({ image, alpha }: Layer): number[] {
  const area = alpha.reduce((total, a) => total + a);
  return [0, 1, 2].map((c) =>
    alpha.reduce((total, a, i) => total + a * image.data[3 * i + c], 0) / area
  );
}
