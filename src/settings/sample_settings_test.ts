import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { resolveSampleSettings } from "./sample_settings.ts";

const MODEL = {
  samplingDefaults: { steps: 30, guidanceScale: 4 },
  imageSize: 512,
  latentShape: [4, 64, 64],
} as const;

Deno.test("settings are the model's, changed by what is given", () => {
  const own = { steps: 30, guidanceScale: 4, size: 512 };
  const general = { scheduler: "ddim", seed: 0, count: 1, negativePrompt: "" };
  assert.deepEqual(resolveSampleSettings({}, MODEL), { ...own, ...general });
  const given = {
    steps: 1,
    guidanceScale: 0,
    size: 768,
    scheduler: "pndm",
    seed: 5,
    count: 2,
    negativePrompt: "a cat",
  } as const;
  assert.deepEqual(resolveSampleSettings(given, MODEL), given);
  const left = { steps: undefined, seed: undefined };
  assert.deepEqual(resolveSampleSettings(left, MODEL), { ...own, ...general });
});

Deno.test("what is out of range is refused by name", () => {
  const cases = [
    [{ steps: 1.5 }, /Invalid steps 1.5: wanted a whole number from 1 to 1000/],
    [{ guidanceScale: -1 }, /Invalid guidanceScale -1/],
    [{ guidanceScale: NaN }, /Invalid guidanceScale NaN/],
    [{ seed: -1 }, /Invalid seed -1/],
    [{ count: 0 }, /Invalid count 0/],
    [{ size: 500 }, /Invalid size 500: wanted .* a multiple of 8/],
    // 8 pixels a latent, and latents by eights.
    [{ size: 520 }, /Invalid size 520: this model wants a multiple of 64/],
  ] as const;
  for (const [given, message] of cases) {
    assert.throws(() => resolveSampleSettings(given, MODEL), refusal(message));
  }
});

Deno.test("a model's own size is taken, whatever it is a multiple of", () => {
  const odd = { ...MODEL, imageSize: 40, latentShape: [4, 10, 10] } as const;
  assert.equal(resolveSampleSettings({}, odd).size, 40);
});
