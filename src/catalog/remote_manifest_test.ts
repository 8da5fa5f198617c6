import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { type GenerateOverrides, resolveGenerateSettings } from "../settings/generate_settings.ts";
import { resolveSettings, type SettingsOverrides } from "../settings/settings.ts";
import { GENERIC_DEFAULTS } from "./generic_defaults.ts";
import { KNOWN_MODELS } from "./known_models.ts";
import { checkRemoteManifest } from "./remote_manifest.ts";
import { REMOTE_MODELS } from "./remote_models.ts";

Deno.test("no two models have the same id", () => {
  const ids = [...KNOWN_MODELS, ...REMOTE_MODELS].map(({ id }) => id);
  assert.deepEqual([...new Set(ids)], ids);
});

for (const manifest of REMOTE_MODELS) {
  const { id, kind, files, defaults, imageSize, input, approximateBytes, experimental } = manifest;
  Deno.test(`the manifest of ${id} says what its kind of model needs`, () => {
    const textToImage = kind === "text-to-image";
    assert.equal(files === "layout", textToImage);
    assert.equal(imageSize !== undefined, textToImage);
    assert.ok(textToImage || defaults === undefined, "it has no settings");
    assert.equal(input === undefined, textToImage);
    assert.ok(textToImage || experimental === undefined, "it makes no masks");
    assert.ok(approximateBytes, "a list shows what a download takes");
    assert.ok(!input?.multipleOf || input.size % input.multipleOf === 0);
  });
}

Deno.test("Stable Diffusion starts from the authors' settings, each optimiser with its own η", () => {
  for (const { kind, defaults } of REMOTE_MODELS) {
    if (kind === "text-to-image") assert.equal(defaults, undefined);
  }
  const rate = (overrides: SettingsOverrides) => {
    const { optimizer, learningRate } = resolveSettings(GENERIC_DEFAULTS, overrides, 1000);
    return [optimizer, learningRate];
  };
  for (const variant of ["raster", "rgb-bilateral", "depth-bilateral"] as const) {
    assert.deepEqual(rate({ variant }), ["sgd", 1]);
    assert.deepEqual(rate({ variant, optimizer: "adam" }), ["adam", 0.1]);
    assert.deepEqual(rate({ variant, loss: "clip" }), ["adam", 0.1]);
  }
  for (const variant of ["fourier", "fourier-bilateral"] as const) {
    assert.deepEqual(rate({ variant }), ["sgd", 1e-5]);
    assert.deepEqual(rate({ variant, optimizer: "sgd" }), ["sgd", 1e-5]);
    assert.deepEqual(rate({ variant, optimizer: "adam" }), ["adam", 2e-4]);
    assert.deepEqual(rate({ variant, optimizer: "adam", learningRate: 3 }), ["adam", 3]);
  }
  const made = (overrides: GenerateOverrides) => {
    const settings = resolveGenerateSettings(GENERIC_DEFAULTS, overrides, 1000);
    return [settings.optimizer, settings.learningRate];
  };
  assert.deepEqual(made({}), ["adam", 2e-4]);
  assert.deepEqual(made({ optimizer: "sgd" }), ["sgd", 1e-5]);
  assert.deepEqual(made({ imageParam: "raster" }), ["adam", 0.1]);
  assert.deepEqual(made({ imageParam: "raster", optimizer: "sgd" }), ["sgd", 1]);
});

Deno.test("checkRemoteManifest() refuses fields out of range", () => {
  const [manifest] = REMOTE_MODELS;
  const { source } = manifest;
  const input = { size: 384, mean: [0, 0, 0], std: [1, 1, 1] };
  const cases: [object, RegExp][] = [
    [{ id: "SD" }, /field "id": wanted lower-case letters/],
    [{ kind: "video" }, /field "kind": wanted .*depth/],
    [{ source: { ...source, repository: "CompVis" } }, /"source.repository": wanted owner\/name/],
    [{ source: { ...source, revision: "../x" } }, /"source.revision": wanted a branch/],
    [{ files: ["../x"] }, /field "files": wanted/],
    [{ files: ["/etc/passwd"] }, /field "files": wanted/],
    [{ input: { ...input, mean: [0] } }, /"input.mean": wanted three numbers/],
    [{ input: { ...input, size: 0 } }, /"input.size": wanted a whole number/],
    [{ experimental: true }, /field "experimental": wanted/],
    [{ experimental: "" }, /field "experimental": wanted one sentence/],
    [{ sha256: "x" }, /field "sha256": not a known field/],
  ];
  for (const [change, message] of cases) {
    assert.throws(
      () => checkRemoteManifest({ ...manifest, ...change }, "m.json"),
      refusal(message),
    );
  }
});
