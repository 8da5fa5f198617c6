import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { refusal } from "../../tests/refusal.ts";
import { type GenerateOverrides, resolveGenerateSettings } from "../settings/generate_settings.ts";
import { resolveSettings, type SettingsOverrides } from "../settings/settings.ts";
import { listModelFiles, modelDigest } from "./integrity.ts";
import { checkManifest, isEmbedded } from "./manifest.ts";
import { GENERIC_DEFAULTS, GENERIC_SAMPLING, MODELS } from "./models.ts";

const [EMOJI] = MODELS.filter(isEmbedded);
const REMOTE = MODELS.filter((manifest) => !isEmbedded(manifest));

for (const { id, source: { files } } of MODELS.filter(isEmbedded)) {
  Deno.test(`the manifest of ${id} lists its files; if not, run tasks/manifest.ts`, async () => {
    const folder = fileURLToPath(new URL(`../../models/${id}`, import.meta.url));
    assert.deepEqual(files, await listModelFiles(folder));
    assert.equal(modelDigest(files).length, 64);
    assert.equal(modelDigest(files), modelDigest(files.toReversed()));
  });
}

Deno.test("no two models have the same id", () => {
  const ids = MODELS.map(({ id }) => id);
  assert.deepEqual([...new Set(ids)], ids);
});

Deno.test("checkManifest() refuses fields out of range", () => {
  const { defaults, source } = EMOJI;
  const [file] = source.files;
  const withFile = (change: object) => ({
    source: { ...source, files: [{ ...file, ...change }] },
  });
  const cases: [object, RegExp][] = [
    [{ id: "../x" }, /field "id": wanted lower-case letters/],
    [{ imageSize: 64.5 }, /field "imageSize": wanted a whole number of at least 1/],
    [withFile({ path: "unet/../../x" }), /"source.files.0.path".*inside the model's folder/],
    [withFile({ path: "/etc/passwd" }), /"source.files.0.path".*inside the model's folder/],
    [withFile({ sha256: "ab" }), /"source.files.0.sha256".*64 hexadecimal digits/],
    [{ defaults: { ...defaults, iterations: 0 } }, /"defaults.iterations": wanted a whole number/],
    [{ defaults: { ...defaults, variant: "x" } }, /"defaults.variant": wanted .*raster/],
    [{ sampling: { steps: 0, guidanceScale: 5 } }, /"sampling.steps": wanted a whole number/],
    [{ sampling: { steps: 9 } }, /"sampling.guidanceScale": missing/],
    [
      { defaults: { ...defaults, template: "{foreground}" } },
      /"defaults.template": wanted \{background\} in it/,
    ],
    [{ defaults: { ...defaults, seed: 1 } }, /"defaults.seed": not a known field/],
    [{ defaults: { ...defaults, variants: { x: {} } } }, /"defaults.variants.x": wanted .*raster/],
    [
      { defaults: { ...defaults, variants: { fourier: { learningRate: 0 } } } },
      /"defaults.variants.fourier.learningRate": wanted a number above 0/,
    ],
    [
      { defaults: { ...defaults, variants: { fourier: { variant: "raster" } } } },
      /"defaults.variants.fourier.variant": not a known field/,
    ],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => checkManifest({ ...EMOJI, ...change }, "m.json"), refusal(message));
  }
});

for (const manifest of MODELS) {
  const { id, kind, source, imageSize, input } = manifest;
  const { defaults, sampling, approximateBytes, experimental } = manifest;
  Deno.test(`the manifest of ${id} says what its kind of model needs`, () => {
    const textToImage = kind === "text-to-image";
    const embedded = isEmbedded(manifest);
    assert.equal(embedded || source.files === "layout", textToImage);
    assert.equal(imageSize !== undefined, textToImage);
    assert.equal(defaults !== undefined, embedded, "the others start from the paper's settings");
    assert.ok(textToImage || sampling === undefined, "it makes no images");
    assert.equal(input === undefined, textToImage);
    assert.ok(textToImage || experimental === undefined, "it makes no masks");
    assert.ok(embedded || approximateBytes, "a list shows what a download takes");
    assert.ok(!input?.multipleOf || input.size % input.multipleOf === 0);
  });
}

Deno.test("Stable Diffusion starts from the authors' settings, each optimiser with its own η", () => {
  assert.deepEqual([GENERIC_DEFAULTS.guidanceScale, GENERIC_SAMPLING.guidanceScale], [100, 7.5]);
  for (const { kind, defaults } of REMOTE) {
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

Deno.test("checkManifest() refuses fields of a downloaded model out of range", () => {
  const [manifest] = REMOTE;
  const { source } = manifest;
  const input = { size: 384, mean: [0, 0, 0], std: [1, 1, 1] };
  const cases: [object, RegExp][] = [
    [{ id: "SD" }, /field "id": wanted lower-case letters/],
    [{ kind: "video" }, /field "kind": wanted .*depth/],
    [{ source: { ...source, repository: "CompVis" } }, /"source.repository": wanted owner\/name/],
    [{ source: { ...source, revision: "../x" } }, /"source.revision": wanted a branch/],
    [{ source: { ...source, files: ["../x"] } }, /field "source.files": wanted/],
    [{ source: { ...source, files: ["/etc/passwd"] } }, /field "source.files": wanted/],
    [{ source: { ...source, host: "release" } }, /field "source.files": wanted Array/],
    [{ source: { ...source, host: "disk" } }, /field "source.host": wanted .*"hub"/],
    [{ input: { ...input, mean: [0] } }, /"input.mean": wanted three numbers/],
    [{ input: { ...input, size: 0 } }, /"input.size": wanted a whole number/],
    [{ experimental: true }, /field "experimental": wanted/],
    [{ experimental: "" }, /field "experimental": wanted one sentence/],
    [{ sha256: "x" }, /field "sha256": not a known field/],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => checkManifest({ ...manifest, ...change }, "m.json"), refusal(message));
  }
});
