import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { refusal } from "../../tests/refusal.ts";
import { KNOWN_MODELS } from "./known_models.ts";
import { listModelFiles } from "./list_files.ts";
import { checkManifest } from "./manifest.ts";

const [EMOJI] = KNOWN_MODELS;

for (const { id, files } of KNOWN_MODELS) {
  Deno.test(`the manifest of ${id} lists its files; if not, run tasks/manifest.ts`, async () => {
    const folder = fileURLToPath(new URL(`../../models/${id}`, import.meta.url));
    assert.deepEqual(files, await listModelFiles(folder));
  });
}

Deno.test("checkManifest() refuses fields out of range", () => {
  const [file] = EMOJI.files;
  const { defaults } = EMOJI;
  const cases: [object, RegExp][] = [
    [{ id: "../x" }, /field "id": wanted lower-case letters/],
    [{ imageSize: 64.5 }, /field "imageSize": wanted a whole number of at least 1/],
    [{ files: [{ ...file, path: "unet/../../x" }] }, /"files.0.path".*inside the model's folder/],
    [{ files: [{ ...file, path: "/etc/passwd" }] }, /"files.0.path".*inside the model's folder/],
    [{ files: [{ ...file, sha256: "ab" }] }, /"files.0.sha256".*64 hexadecimal digits/],
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
