import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import { encodePng } from "../../src/image/encode.ts";
import type { Provenance, SegmentReport } from "../../src/report/segmentation.ts";
import { fixturePath } from "../fixture_path.ts";
import { runIn } from "./fake_io.ts";
import { copyFolder, temporaryFolder } from "./run.ts";

const MODEL = fileURLToPath(new URL("../../models/emoji", import.meta.url));
const SIDE = 16;
/** So small a step leaves the mask as blurred noise: what the blur follows is all there is to see. */
const STILL = ["--iterations", "1", "--learning-rate", "1e-12", "--size", String(SIDE)];
const OPTIONS = [...STILL, "--device", "cpu", "--emit", "alpha", "--json"];

/** Runs `segment` on an image of one colour and gives what it says, and α. */
async function segment(folder: string, ...args: string[]) {
  const flat = new Uint8Array(3 * SIDE ** 2).fill(90);
  await Deno.writeFile(
    `${folder}/flat.png`,
    await encodePng({ width: SIDE, height: SIDE, channels: 3, data: flat }),
  );
  const { code, stdout, stderr } = await runIn(
    ["segment", "flat.png", "a dog", ...OPTIONS, ...args],
    folder,
  );
  // The step is so small that the mask stays what it was, which is said.
  assert.equal(code, 4);
  assert.match(stderr, /^error: The mask of "a dog" has changed by less than 0\.01 [^\n]*\n$/);
  const report: SegmentReport = JSON.parse(stdout);
  const bytes = await Deno.readFile(`${folder}/${report.results[0].files.alpha}`);
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
  assert.deepEqual([width, height], [SIDE, SIDE]);
  const beside: Provenance = JSON.parse(
    await Deno.readTextFile(`${folder}/peekaboo-out/flat.json`),
  );
  return { report, beside, alpha: data.filter((_, i) => i % 4 === 0) };
}

/** How different columns are from the ones before them, on average. */
function jump(alpha: Uint8Array, column: number): number {
  let total = 0;
  for (let i = column; i < alpha.length; i += SIDE) total += Math.abs(alpha[i] - alpha[i - 1]);
  return total / SIDE;
}

Deno.test("--depth-map: the blur stops where depth changes, and the record says which map", async () => {
  await using folder = await temporaryFolder();
  const half = Uint8Array.from({ length: SIDE ** 2 }, (_, i) => i % SIDE < SIDE / 2 ? 40 : 200);
  const map = await encodePng({ width: SIDE, height: SIDE, channels: 1, data: half });
  await Deno.writeFile(`${folder.path}/depth.png`, map);
  const args = ["--variant", "depth-bilateral", "--depth-map", "depth.png"];
  const { report, beside, alpha } = await segment(folder.path, ...args);
  assert.deepEqual([report.settings.variant, report.depthMap], ["depth-bilateral", "depth.png"]);
  assert.equal(beside.sha256.depthMap, createHash("sha256").update(map).digest("hex"));
  assert(!("depthModel" in beside.sha256));
  assert(jump(alpha, SIDE / 2) > 3 * jump(alpha, SIDE / 4), "an edge in the middle alone");

  const colours = await segment(folder.path, "--variant", "rgb-bilateral");
  assert(jump(colours.alpha, SIDE / 2) < jump(alpha, SIDE / 2) / 3, "no edge without depth");
});

Deno.test("--depth-model: a network of any operator set sees the depth, and is named", async () => {
  await using folder = await temporaryFolder();
  const model = fixturePath("companions/depth-opset-9");
  const args = ["--variant", "depth-bilateral", "--depth-model", model];
  const { report, beside, alpha } = await segment(folder.path, ...args);
  assert.equal(report.depthModel, model);
  assert.match(beside.sha256.depthModel!, /^[0-9a-f]{64}$/);
  // It sees brightness, which is the same everywhere, as the colours are.
  const colours = await segment(folder.path, "--variant", "rgb-bilateral");
  assert.deepEqual(alpha, colours.alpha);
});

Deno.test("a model with a depth network of its own needs none to be given", async () => {
  await using folder = await temporaryFolder();
  await copyFolder(MODEL, `${folder.path}/model`);
  await copyFolder(fixturePath("companions/depth"), `${folder.path}/model/depth`);
  const args = ["--variant", "depth-bilateral", "--model", "model"];
  const { report, beside } = await segment(folder.path, ...args);
  assert.equal(report.depthModel, "model/depth");
  assert.match(beside.sha256.depthModel!, /^[0-9a-f]{64}$/);
  assert.notEqual(beside.sha256.depthModel, beside.sha256.model);
});
