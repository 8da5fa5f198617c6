import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { type GenerateOverrides, resolveGenerateSettings } from "./generate_settings.ts";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import type { ModelDefaults } from "./settings.ts";

const defaults: ModelDefaults = {
  ...GENERIC_DEFAULTS,
  generate: undefined,
  lambda: 1,
  variants: { fourier: { lambda: 2, learningRate: 3 }, raster: { learningRate: 4 } },
};

Deno.test("a model that says nothing of images has those of its masks' variant", () => {
  const fourier = resolveGenerateSettings(defaults, {}, 1000);
  assert.deepEqual([fourier.imageParam, fourier.lambda, fourier.learningRate], ["fourier", 2, 3]);
  assert.equal(fourier.size, GENERIC_DEFAULTS.alphaSize);
  assert.equal(resolveGenerateSettings(defaults, { size: 64 }, 1000).size, 64);
  const raster = resolveGenerateSettings(defaults, { imageParam: "raster" }, 1000);
  assert.deepEqual([raster.imageParam, raster.lambda, raster.learningRate], ["raster", 1, 4]);
});

Deno.test("what it says wins, of the way they are expressed most, and what is given over all", () => {
  const generate = { lambda: 5, iterations: 6, variants: { raster: { iterations: 7 } } };
  const resolve = (overrides: GenerateOverrides) => {
    const settings = resolveGenerateSettings({ ...defaults, generate }, overrides, 1000);
    const { lambda, iterations, learningRate } = settings;
    return [lambda, iterations, learningRate];
  };
  assert.deepEqual(resolve({}), [5, 6, 3]);
  assert.deepEqual(resolve({ imageParam: "raster" }), [5, 7, 4]);
  assert.deepEqual(resolve({ imageParam: "raster", lambda: 8, iterations: 9 }), [8, 9, 4]);
});

Deno.test("settings are those of images, and no others", () => {
  const names = Object.keys(resolveGenerateSettings(defaults, {}, 1000)).sort();
  for (const name of ["variant", "alphaSize", "square", "init", "exclusive", "generate"]) {
    assert(!names.includes(name), name);
  }
  assert(names.includes("seed") && names.includes("frequencyScale"));
});

Deno.test("settings out of their range are refused, in one line", () => {
  const refused = (overrides: object, message: RegExp) =>
    assert.throws(() => resolveGenerateSettings(defaults, overrides, 1000), refusal(message));
  refused({ imageParam: "vector" }, /Invalid imageParam "vector": wanted fourier or raster/);
  refused({ size: 7 }, /Invalid size 7: wanted a whole number from 16 to 2048, a multiple of 8/);
  refused({ learningRate: 0 }, /Invalid learningRate 0: wanted a number above 0/);
  refused({ tMin: 9, tMax: 8 }, /Invalid timesteps 9 to 8/);
});
