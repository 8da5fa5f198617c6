import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import { main } from "../../src/cli/main.ts";
import type { GridReport } from "../../src/report/grid.ts";
import { gifFrames } from "../gif_frames.ts";
import { runIn } from "./fake_io.ts";
import { interruptedIo } from "./interrupted_io.ts";
import { filesIn, run, temporaryFolder } from "./run.ts";

const FEW = ["--iterations", "2", "--size", "16", "--device", "cpu"];
const NAMES = [
  "grid.background.a-tree-2.png",
  "grid.background.a-tree.png",
  "grid.foreground.a-cat.alpha.png",
  "grid.foreground.a-cat.png",
  "grid.foreground.a-cat.preview.png",
  "grid.json",
  "grid.png",
];

Deno.test("grid writes the sheet, its foregrounds and backgrounds, and says how", async () => {
  await using folder = await temporaryFolder();
  const prompts = ["--foreground", "a cat", "--background", "a tree", "A tree!"];
  const { code, stdout, stderr } = await run(["grid", ...prompts, ...FEW], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    /^2 cells, [\d.]+ s\n {2}\S+grid\.png\na cat: [\d.]+ % opaque\n( {2}\S+\.png\n){3}a tree\n {2}\S+\nA tree!\n {2}\S+\n$/,
  );
  assert.deepEqual(await filesIn(`${folder.path}/peekaboo-out`), NAMES);
  const read = (name: string) => readPng(`${folder.path}/peekaboo-out/${name}`);
  const sheet = await read("grid.png");
  assert.deepEqual([sheet.width, sheet.height], [3 * 16 + 2 * 2, 2 * 16 + 2]);
  const at = (x: number, y: number) =>
    [...sheet.data.subarray(4 * (y * sheet.width + x))].slice(0, 3);
  const of = ({ data }: PNG, x: number, y: number) =>
    [...data.subarray(4 * (16 * y + x))].slice(0, 3);
  const [preview, tree, other] = [
    await read("grid.foreground.a-cat.preview.png"),
    await read("grid.background.a-tree.png"),
    await read("grid.background.a-tree-2.png"),
  ];
  for (const [x, y] of [[0, 0], [5, 9], [15, 15]]) {
    assert.deepEqual(at(x, y), [255, 255, 255]);
    assert.deepEqual(at(x, 18 + y), of(preview, x, y));
    assert.deepEqual(at(18 + x, y), of(tree, x, y));
    assert.deepEqual(at(36 + x, y), of(other, x, y));
  }
  const text = await Deno.readTextFile(`${folder.path}/peekaboo-out/grid.json`);
  assert.match(JSON.parse(text).sha256.model, /^[0-9a-f]{64}$/);
});

Deno.test("--json prints one document; --template makes the captions, --timelapse a film", async () => {
  await using folder = await temporaryFolder();
  const args = ["grid", "--foreground", "a cat", "--foreground", "a car", "--background", "a tree"];
  const options = [
    "--template",
    "{background}, {foreground}",
    "--seed",
    "7",
    "-o",
    "a/b",
    "--json",
  ];
  const { code, stdout, stderr } = await runIn(
    [...args, ...options, "--timelapse-every", "1", ...FEW],
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const report: GridReport = JSON.parse(stdout);
  assert.deepEqual([report.model, report.device, report.seed], ["emoji", "cpu", 7]);
  assert.equal(report.settings.template, "{background}, {foreground}");
  assert.deepEqual(report.captions, ["a tree, a cat", "a tree, a car"]);
  assert.deepEqual([report.sheet, report.timelapse], ["a/b/grid.png", "a/b/grid.timelapse.gif"]);
  assert.deepEqual(report.foregrounds.map(({ prompt }) => prompt), ["a cat", "a car"]);
  assert.equal(report.foregrounds[1].files.rgba, "a/b/grid.foreground.a-car.png");
  assert.deepEqual(report.backgrounds, [
    { prompt: "a tree", file: "a/b/grid.background.a-tree.png" },
  ]);
  const { alpha } = report.foregrounds[0].files;
  const { data } = await readPng(`${folder.path}/${alpha}`);
  const inside = data.filter((a, k) => k % 4 === 0 && a >= 128).length / 256;
  assert.equal(report.foregrounds[0].coverage, inside);
  const frames = await gifFrames(await Deno.readFile(`${folder.path}/${report.timelapse}`));
  assert.deepEqual(frames.map(({ delay }) => delay), [8, 8, 200]);
  const { sha256: _, ...beside } = JSON.parse(
    await Deno.readTextFile(`${folder.path}/a/b/grid.json`),
  );
  assert.deepEqual(beside, report);
});

for (const { ticks, finished } of [{ ticks: 4, finished: true }, { ticks: 1, finished: false }]) {
  const what = finished ? "writes the images so far" : "writes nothing";
  Deno.test(`Ctrl-C ${finished ? "after" : "before"} the first iteration ${what}`, async () => {
    await using folder = await temporaryFolder();
    const { io, errors } = interruptedIo(ticks, folder.path);
    const prompts = ["--foreground", "a cat", "--background", "a tree", "A tree!"];
    const settings = ["--iterations", "100000", "--size", "16", "--device", "cpu", "--quiet"];
    const code = await main(["grid", ...prompts, ...settings, "-o", `${folder.path}/out`], io);
    assert.equal(code, 130);
    const files = await filesIn(folder.path);
    if (finished) {
      assert.match(errors.join(), /^Interrupted after \d+ iterations; the images so far[^\n]*$/);
      assert.deepEqual(files, NAMES.map((name) => `out/${name}`));
    } else {
      assert.deepEqual(errors, ["Interrupted before the first iteration; nothing was written"]);
      assert.deepEqual(files, []);
    }
  });
}

async function readPng(path: string) {
  return PNG.sync.read(Buffer.from(await Deno.readFile(path)));
}
