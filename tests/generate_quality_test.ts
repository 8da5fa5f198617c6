/**
 * Are the pictures that `generate` makes of what was asked for, and come apart from their ground?
 *
 * @module
 */
import assert from "node:assert/strict";
import { generate, type Layer } from "../src/generate.ts";
import { loadModel } from "../src/models/load_model.ts";

Deno.test("a strawberry becomes red and a frog green, with a mask that has decided", async () => {
  await using model = await loadModel("emoji-64", { device: "cpu" });
  // Fewer, longer steps than the default's on fewer pixels, for the sake of time.
  const settings = { iterations: 40, learningRate: 2e-3, size: 32 };
  const [strawberry, frog] = await generate(model, ["a strawberry", "a frog"], settings);
  for (const layer of [strawberry, frog]) {
    const { alpha } = layer;
    const area = alpha.reduce((total, a) => total + a) / alpha.length;
    assert(area > 0.05 && area < 0.5, `${layer.prompt} covers ${area}`);
    const decided = alpha.filter((a) => a < 0.1 || a > 0.9).length / alpha.length;
    assert(decided > 0.7, `${layer.prompt}: ${decided} of the pixels are clear or opaque`);
  }
  const [red, green] = meanColour(strawberry);
  assert(red > green + 50, `a strawberry is red, not ${[red, green]}`);
  const [frogRed, frogGreen] = meanColour(frog);
  assert(frogGreen > frogRed + 15, `a frog is green, not ${[frogRed, frogGreen]}`);
});

/** Of what is opaque: red, green and blue, 0..255. */
function meanColour({ image, alpha }: Layer): number[] {
  const area = alpha.reduce((total, a) => total + a);
  return [0, 1, 2].map((c) =>
    alpha.reduce((total, a, i) => total + a * image.data[3 * i + c], 0) / area
  );
}
