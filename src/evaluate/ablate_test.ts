import assert from "node:assert/strict";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import type { SettingsOverrides } from "../settings/settings.ts";
import { type Ablation, ablationRuns } from "./ablate.ts";

const DEFAULTS = {
  ...GENERIC_DEFAULTS,
  lambda: 0.1,
  iterations: 50,
  variants: { fourier: { optimizer: "adam", learningRate: 0.001, iterations: 80 } },
} as const;
const runs = (what: Ablation, overrides: SettingsOverrides = {}) =>
  ablationRuns(what, DEFAULTS, overrides, 1000);

Deno.test("lambda: the runs differ in λ alone, at multiples of its value", () => {
  const all = runs("lambda", { variant: "raster", seed: 3 });
  assert.deepEqual(all.map(({ settings }) => settings.lambda), [0, 0.05, 0.1, 0.2, 0.4]);
  assert.deepEqual(all.map(({ name }) => name), ["λ × 0", "λ × 0.5", "λ × 1", "λ × 2", "λ × 4"]);
  for (const { settings } of all) {
    assert.deepEqual({ ...settings, lambda: 0 }, { ...all[0].settings, lambda: 0 });
    assert.deepEqual([settings.variant, settings.seed], ["raster", 3]);
  }
});

Deno.test("parametrization: each with its own optimiser, for the same number of iterations", () => {
  const [implicit, pixels] = runs("parametrization").map(({ settings }) => settings);
  assert.deepEqual([implicit.variant, pixels.variant], ["fourier", "raster"]);
  assert.deepEqual([implicit.iterations, pixels.iterations], [80, 80]);
  assert.equal(implicit.learningRate, 0.001);
  assert.equal(pixels.learningRate, DEFAULTS.learningRate);
  for (const { settings } of runs("parametrization", { iterations: 7 })) {
    assert.equal(settings.iterations, 7);
  }
});

Deno.test("blur: the runs differ in nothing else", () => {
  const [on, off] = runs("blur", { lambda: 0.3 }).map(({ settings }) => settings);
  assert.equal(on.variant, "rgb-bilateral");
  assert.deepEqual(off, { ...on, variant: "raster" });
});
