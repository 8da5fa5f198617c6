import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { GENERIC_DEFAULTS } from "../catalog/models.ts";
import { resolveSettings } from "../settings/settings.ts";
import { trials } from "./trials.ts";

const of = (values: Record<string, string[]>) => trials(values, GENERIC_DEFAULTS, 1000);

Deno.test("trials are every combination, named by what differs", () => {
  const found = of({
    variant: ["raster", "rgb-bilateral"],
    lambda: ["0.1", "0"],
    tMax: ["900"],
    momentum: ["0", "0.9"],
  });
  assert.deepEqual(found.slice(0, 4).map(({ name }) => name), [
    "raster lambda=0.1 momentum=0",
    "raster lambda=0.1 momentum=0.9",
    "raster lambda=0 momentum=0",
    "raster lambda=0 momentum=0.9",
  ]);
  assert.equal(new Set(found.map(({ name }) => name)).size, 8);
  assert.deepEqual(found.at(-1)!.settings, {
    ...resolveSettings(GENERIC_DEFAULTS, { variant: "rgb-bilateral" }, 1000),
    lambda: 0,
    tMax: 900,
    momentum: 0.9,
  });
});

Deno.test("trials of no values are the model's own settings", () => {
  assert.deepEqual(of({}), [{
    name: GENERIC_DEFAULTS.variant,
    settings: resolveSettings(GENERIC_DEFAULTS, {}, 1000),
  }]);
});

Deno.test("trials refuse settings that are not there and values that cannot be", () => {
  assert.throws(
    () => of({ lamda: ["1"] }),
    (error) =>
      error instanceof UserError &&
      /Unknown setting "lamda": wanted some of .*lambda/.test(error.message),
  );
  const wrong = { lambda: ["much"], iterations: [""], optimizer: ["lbfgs"], tMin: ["990"] };
  for (const [name, values] of Object.entries(wrong)) {
    assert.throws(() => of({ [name]: values }), UserError, name);
  }
});

Deno.test("trials(): clip is raster with CLIP's loss, and its own settings", () => {
  const defaults = { ...GENERIC_DEFAULTS, clip: { lambda: 0.7 } };
  const [raster, clip] = trials({ variant: ["raster", "clip"] }, defaults, 1000);
  assert.deepEqual([raster.name, raster.settings.loss], ["raster", "sds"]);
  const { name, settings: { variant, loss, lambda } } = clip;
  assert.deepEqual([name, variant, loss, lambda], ["clip", "raster", "clip", 0.7]);
});
