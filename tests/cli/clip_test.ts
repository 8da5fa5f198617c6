import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import type { Provenance, SegmentReport } from "../../src/report/segmentation.ts";
import { fixturePath } from "../fixture_path.ts";
import { runIn } from "./fake_io.ts";
import { copyFolder, filesIn, temporaryFolder } from "./run.ts";

const MODEL = fileURLToPath(new URL("../../models/emoji", import.meta.url));
const CLIP = fixturePath("companions/clip");
const IMAGE = fixturePath("images/rgb.png");
const OPTIONS = ["--iterations", "4", "--device", "cpu", "--size", "32", "--json"];

/** Runs `segment` with CLIP's loss and gives what it says, what it wrote, and α. */
async function segment(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await runIn(
    ["segment", IMAGE, "a dog", "--loss", "clip", ...OPTIONS, ...args],
    folder,
  );
  // So few iterations leave an untrained CLIP's mask empty, which is said.
  assert(code === 0 || code === 4 && /^error: The mask of "a dog" is below/.test(stderr), stderr);
  const report: SegmentReport = JSON.parse(stdout);
  const { alpha: path } = report.results[0].files;
  const { width, height, data } = PNG.sync.read(
    Buffer.from(await Deno.readFile(`${folder}/${path}`)),
  );
  assert.deepEqual([width, height], [24, 16]);
  const record = await Deno.readTextFile(`${folder}/${path!.replace(/[^/]*$/, "rgb.json")}`);
  const { sha256 }: Provenance = JSON.parse(record);
  return { report, sha256, alpha: data.filter((_, i) => i % 4 === 0) };
}

Deno.test("--loss clip judges by the CLIP that is given, and the record names it", async () => {
  await using folder = await temporaryFolder();
  const { report, sha256, alpha } = await segment(folder.path, "--clip-model", CLIP);
  const { settings } = report;
  assert.deepEqual([settings.loss, report.clipModel], ["clip", CLIP]);
  // The model's own defaults for this loss.
  assert.deepEqual([settings.optimizer, settings.learningRate], ["adam", 0.1]);
  assert.match(sha256.clipModel!, /^[0-9a-f]{64}$/);
  assert.notEqual(sha256.clipModel, sha256.model);
  assert.equal((await filesIn(folder.path)).length, 5);

  // Guidance and timesteps are nothing to CLIP, the prompt is.
  const same = ["--guidance", "3", "--t-max", "500", "--clip-model", CLIP, "-o", "same"];
  assert.deepEqual((await segment(folder.path, ...same)).alpha, alpha);
  const other = await segment(folder.path, "a cat", "--clip-model", CLIP, "-o", "two");
  assert.deepEqual(other.report.results.map(({ prompt }) => prompt), ["a dog", "a cat"]);
  const [dog, cat] = await Promise.all(
    other.report.results.map(({ files }) => Deno.readFile(`${folder.path}/${files.alpha}`)),
  );
  assert.notDeepEqual(dog, cat);
});

Deno.test("a model with a CLIP of its own needs none to be given, whatever the variant", async () => {
  await using folder = await temporaryFolder();
  await copyFolder(MODEL, `${folder.path}/model`);
  await copyFolder(CLIP, `${folder.path}/model/clip`);
  for (const variant of ["raster", "rgb-bilateral", "fourier", "fourier-bilateral"]) {
    const args = ["--model", "model", "--variant", variant, "-o", variant];
    const { report, sha256, alpha } = await segment(folder.path, ...args);
    assert.deepEqual([report.settings.variant, report.clipModel], [variant, "model/clip"]);
    assert.match(sha256.clipModel!, /^[0-9a-f]{64}$/);
    assert(new Set(alpha).size > 4, variant);
  }
});
