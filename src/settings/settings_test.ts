import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import { type ModelDefaults, resolveSettings } from "./settings.ts";

const DEFAULTS: ModelDefaults = {
  ...GENERIC_DEFAULTS,
  variant: "raster",
  optimizer: "sgd",
  learningRate: 1,
  lambda: 0.05,
  variants: { fourier: { optimizer: "adam", learningRate: 1e-3 } },
};

Deno.test("a variant's own defaults come before the model's, and after what is given", () => {
  const resolved = (overrides: Parameters<typeof resolveSettings>[1]) => {
    const { optimizer, learningRate, lambda } = resolveSettings(DEFAULTS, overrides, 1000);
    return [optimizer, learningRate, lambda];
  };
  assert.deepEqual(resolved({}), ["sgd", 1, 0.05]);
  assert.deepEqual(resolved({ variant: "fourier" }), ["adam", 1e-3, 0.05]);
  assert.deepEqual(resolved({ variant: "fourier", learningRate: 2 }), ["adam", 2, 0.05]);
  // The command line gives undefined for an option that is left out.
  const left = { variant: "fourier", learningRate: undefined, lambda: 1 } as const;
  assert.deepEqual(resolved(left), ["adam", 1e-3, 1]);
  assert.deepEqual(resolved({ variant: "rgb-bilateral" }), ["sgd", 1, 0.05]);
});

Deno.test("a model whose own variant has defaults of its own gets them", () => {
  const { learningRate } = resolveSettings({ ...DEFAULTS, variant: "fourier" }, {}, 1000);
  assert.equal(learningRate, 1e-3);
});

Deno.test("CLIP's loss has defaults of its own, of the variant most", () => {
  const clip = {
    lambda: 1e-3,
    learningRate: 0.1,
    variants: { fourier: { learningRate: 2e-4 } },
  } as const;
  const resolved = (overrides: Parameters<typeof resolveSettings>[1]) => {
    const { loss, optimizer, learningRate, lambda } = resolveSettings(
      { ...DEFAULTS, clip },
      overrides,
      1000,
    );
    return [loss, optimizer, learningRate, lambda];
  };
  assert.deepEqual(resolved({}), ["sds", "sgd", 1, 0.05]);
  assert.deepEqual(resolved({ loss: "clip" }), ["clip", "sgd", 0.1, 1e-3]);
  assert.deepEqual(resolved({ loss: "clip", variant: "fourier" }), ["clip", "adam", 2e-4, 1e-3]);
  assert.deepEqual(resolved({ loss: "clip", lambda: 7 }), ["clip", "sgd", 0.1, 7]);
  assert.throws(
    () => resolveSettings(DEFAULTS, { loss: "magic" as "clip" }, 1000),
    refusal(/^Invalid loss "magic": wanted sds, clip$/),
  );
});

Deno.test("settings say what made a mask, and nothing else", () => {
  const settings = resolveSettings(DEFAULTS, {}, 1000);
  for (const other of ["variants", "clip", "generate"]) assert(!(other in settings));
});

Deno.test("a frequency scale is above 0, up to 1000", () => {
  for (const frequencyScale of [0, -1, 1001, NaN, Infinity]) {
    assert.throws(
      () => resolveSettings(DEFAULTS, { frequencyScale }, 1000),
      refusal(/^Invalid frequencyScale .*: wanted a number above 0 up to 1000$/),
    );
  }
});
