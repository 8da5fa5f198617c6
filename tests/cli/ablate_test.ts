import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import { main } from "../../src/cli/main.ts";
import type { AblationReport } from "../../src/report/ablation.ts";
import { gifFrames } from "../gif_frames.ts";
import { runIn } from "./fake_io.ts";
import { interruptedIo } from "./interrupted_io.ts";
import { filesIn, run, temporaryFolder } from "./run.ts";

const IMAGE = fileURLToPath(new URL("../../examples/turtle-on-noise.png", import.meta.url));
const FEW = ["--iterations", "4", "--size", "16", "--device", "cpu", "--frame-every", "2"];
const KINDS = ["csv", "gif", "json", "png", "svg"];
const namesOf = (what: string) =>
  KINDS.map((kind) => `turtle-on-noise.a-turtle.ablate-${what}.${kind}`);

Deno.test("ablate lambda writes sheet, numbers, plot and film, and prints what came out", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await run(
    ["ablate", "lambda", IMAGE, "a turtle", "-o", "out", ...FEW],
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    /^(λ × [\d.]+: [\d.]+ % of the image, mean α [\d.]+, variance [\d.]+, [\d.]+ s\n){5}( {2}out\/\S+\n){4}$/,
  );
  assert.deepEqual(await filesIn(`${folder.path}/out`), namesOf("lambda"));
  const read = (kind: string) =>
    Deno.readFile(`${folder.path}/out/turtle-on-noise.a-turtle.ablate-lambda.${kind}`);
  const text = async (kind: string) => new TextDecoder().decode(await read(kind));

  const { width, height } = PNG.sync.read(Buffer.from(await read("png")));
  // Five rows of five masks and an overlay, 192 pixels each, 4 apart.
  assert.deepEqual([width, height], [6 * 192 + 5 * 4, 5 * 192 + 4 * 4]);

  const [header, ...rows] = (await text("csv")).trimEnd().split("\r\n").map((line) =>
    line.split(",")
  );
  assert.deepEqual(header.slice(0, 4), ["run", "variant", "lambda", "iteration"]);
  assert.deepEqual(rows.map((row) => row[3]), Array(5).fill(["0", "2", "4"]).flat());
  const last = rows.filter((row) => row[3] === "4").map((row) => Number(row[4]));
  // The same draws, and a penalty that grows: α can only be less.
  last.slice(1).forEach((mean, k) => assert(mean < last[k], `${last}`));
  const svg = await text("svg");
  assert.match(svg, /^<svg[^]*a turtle[^]*<\/svg>\n$/);
  const frames = await gifFrames(await read("gif"));
  assert.deepEqual(frames.map(({ delay }) => delay), [8, 8, 200]);
  assert.equal(frames[0].width, 5 * 192 + 4 * 4);
});

Deno.test("ablate parametrization and blur: --json prints one document, that of the file", async () => {
  await using folder = await temporaryFolder();
  for (
    const [what, names] of [
      ["parametrization", ["fourier", "raster"]],
      ["blur", ["with blur", "without blur"]],
    ] as const
  ) {
    const { code, stdout, stderr } = await runIn(
      ["ablate", what, IMAGE, "a turtle", "-o", what, "--json", ...FEW],
      folder.path,
    );
    assert.deepEqual([code, stderr], [0, ""]);
    const report: AblationReport = JSON.parse(stdout);
    assert.deepEqual([report.ablation, report.device, report.seed], [what, "cpu", 0]);
    assert.deepEqual(report.runs.map(({ name }) => name), names);
    for (const { iterations, meanAlpha, variance } of report.runs) {
      assert.equal(iterations, 4);
      assert(meanAlpha > 0 && meanAlpha < 1 && variance > 0 && variance <= 0.25);
    }
    assert.deepEqual(await filesIn(`${folder.path}/${what}`), namesOf(what));
    const { sha256, ...beside } = JSON.parse(
      await Deno.readTextFile(`${folder.path}/${report.files.sheet.replace(/png$/, "json")}`),
    );
    assert.deepEqual(beside, report);
    assert.match(sha256.model, /^[0-9a-f]{64}$/);
  }
});

Deno.test("ablate: mistakes are one line, and nothing is written", async () => {
  await using folder = await temporaryFolder();
  for (
    const [args, message] of [
      [["colour", IMAGE, "a turtle"], /^error: Unknown ablation "colour": wanted lambda, /],
      [["blur", "none.png", "a turtle"], /^error: Cannot read/],
      [["blur", IMAGE, ""], /^error: .*empty/i],
      [["blur", IMAGE, "a turtle", "--variant", "raster"], /^error: Invalid --variant/],
    ] as const
  ) {
    const { code, stdout, stderr } = await runIn(["ablate", ...args], folder.path);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    assert.deepEqual(await filesIn(folder.path), []);
  }
});

for (const { ticks, finished } of [{ ticks: 4, finished: true }, { ticks: 1, finished: false }]) {
  Deno.test(`ablate: Ctrl-C ${finished ? "keeps what there is" : "at once writes nothing"}`, async () => {
    await using folder = await temporaryFolder();
    const { io, errors } = interruptedIo(ticks, folder.path);
    const settings = ["--iterations", "100000", "--size", "16", "--device", "cpu", "--quiet"];
    const code = await main(
      ["ablate", "blur", IMAGE, "a turtle", ...settings, "-o", `${folder.path}/out`],
      io,
    );
    assert.equal(code, 130);
    const files = await filesIn(folder.path);
    if (finished) {
      assert.deepEqual(errors, ["Interrupted in run 1 of 2; what there is so far is written"]);
      assert.deepEqual(files, namesOf("blur").map((name) => `out/${name}`));
    } else {
      assert.deepEqual(errors, ["Interrupted before the first iteration; nothing was written"]);
      assert.deepEqual(files, []);
    }
  });
}
