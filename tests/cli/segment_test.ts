import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import type { Provenance, SegmentReport } from "../../src/report/segmentation.ts";
import { gifFrames } from "../gif_frames.ts";
import { runIn } from "./fake_io.ts";
import { filesIn, MOD, run, start, temporaryFolder } from "./run.ts";

/** 8 × 6 pixels. */
const IMAGE = fileURLToPath(new URL("../fixtures/images/rgb.png", import.meta.url));
const { width, height } = await readPng(IMAGE);
const FEW = ["--iterations", "2", "--device", "cpu"];

Deno.test("segment writes four images of the input's size, and says how they were made", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await run(
    ["segment", IMAGE, "a red  Dog!", ...FEW],
    folder.path,
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /^a red {2}Dog!: [\d.]+ % of the image, [\d.]+ s\n( {2}\S+\.png\n){4}$/);
  assert.deepEqual(await filesIn(folder.path), [
    "peekaboo-out/rgb.a-red-dog.alpha.png",
    "peekaboo-out/rgb.a-red-dog.cutout.png",
    "peekaboo-out/rgb.a-red-dog.mask.png",
    "peekaboo-out/rgb.a-red-dog.overlay.png",
    "peekaboo-out/rgb.json",
  ]);
  const colorTypes = { alpha: 0, mask: 0, cutout: 6, overlay: 2 };
  for (const [kind, colorType] of Object.entries(colorTypes)) {
    const png = await readPng(`${folder.path}/peekaboo-out/rgb.a-red-dog.${kind}.png`);
    assert.deepEqual([png.width, png.height], [width, height]);
    assert.deepEqual([png.depth, png.colorType], [8, colorType], kind);
    const values = new Set(png.data.filter((_, i) => i % 4 === 0));
    if (kind === "mask") { for (const value of values) assert(value === 0 || value === 255); }
  }

  const written: Provenance = JSON.parse(
    await Deno.readTextFile(`${folder.path}/peekaboo-out/rgb.json`),
  );
  assert.match(written.sha256.model, /^[0-9a-f]{64}$/);
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await Deno.readFile(IMAGE)),
  );
  assert.equal(written.sha256.image, hash.toHex());
});

Deno.test("--json prints one document and nothing else; --emit chooses the files", async () => {
  await using folder = await temporaryFolder();
  const args = [
    "segment",
    IMAGE,
    "a dog",
    "a dog",
    "a cat",
    "-o",
    "a/b",
    "--emit",
    "cutout,mask",
  ];
  const options = ["--json", "--seed", "7", "--threshold", "0.25", "--square", "pad"];
  const { code, stdout, stderr } = await runIn([...args, ...FEW, ...options], folder.path);
  // After two iterations α is about ½, so that the masks hold everything, which is said.
  assert.equal(code, 4, stderr);
  assert.match(stderr, /^error: The mask of "a dog" reaches the threshold everywhere[^\n]*\n$/);
  const report: Provenance = JSON.parse(stdout);
  assert.deepEqual(Object.keys(report), [
    "version",
    "model",
    "device",
    "seed",
    "settings",
    "results",
  ]);
  assert.equal(report.model, "emoji");
  assert.equal(report.device, "cpu");
  assert.equal(report.seed, 7);
  assert.equal(report.settings.threshold, 0.25);
  assert.equal(report.settings.square, "pad");
  assert.deepEqual(report.results.map(({ prompt }) => prompt), ["a dog", "a dog", "a cat"]);
  for (const result of report.results) {
    assert.deepEqual(Object.keys(result), [
      "image",
      "prompt",
      "files",
      "coverage",
      "verdict",
      "iterations",
      "seconds",
      "secondsPerIteration",
    ]);
    assert.equal(result.image, IMAGE);
    assert.equal(result.iterations, 2);
    assert(result.coverage >= 0 && result.coverage <= 1);
    assert.equal(result.secondsPerIteration, result.seconds / 2);
    assert.deepEqual(Object.keys(result.files), ["mask", "cutout"]);
    const mask = await readPng(`${folder.path}/${result.files.mask}`);
    const inside = mask.data.filter((value, i) => i % 4 === 0 && value === 255).length;
    assert.equal(result.coverage, inside / (width * height));
  }
  // The same prompt twice gives two files, and the JSON beside them has the document and the hashes.
  assert.equal((await filesIn(folder.path)).length, 7);
  const { sha256: _, ...beside } = JSON.parse(
    await Deno.readTextFile(`${folder.path}/a/b/rgb.json`),
  );
  assert.deepEqual(beside, report);
});

Deno.test("--init takes a mask that was written, and says which", async () => {
  await using folder = await temporaryFolder();
  const still = ["--variant", "raster", "--learning-rate", "1e-12", "--size", "16", "--json"];
  const segment = async (...args: string[]): Promise<SegmentReport> => {
    const { code, stdout, stderr } = await runIn(
      ["segment", IMAGE, "a dog", "--emit", "alpha", ...still, ...FEW, ...args],
      folder.path,
    );
    // The step is so small that the mask stays what it was, which is said.
    assert.equal(code, 4);
    assert.match(stderr, /^error: The mask of "a dog" has changed by less than 0\.01 [^\n]*\n$/);
    return JSON.parse(stdout);
  };
  const values = async ({ results: [{ files }] }: SegmentReport) =>
    (await readPng(`${folder.path}/${files.alpha}`)).data;
  const first = await segment("--init", "blurred-noise", "-o", "first");
  assert.equal(first.settings.init, "blurred-noise");
  const mask = first.results[0].files.alpha!;
  const second = await segment("--init", mask, "-o", "second");
  assert.deepEqual([second.settings.init, second.initialMask], ["image", mask]);
  const wanted = await values(first);
  // An image of 8 × 6 pixels has lost some of what its mask of 16 × 16 held.
  (await values(second)).forEach((value, i) => assert(Math.abs(value - wanted[i]) <= 40));
  const beside = JSON.parse(await Deno.readTextFile(`${folder.path}/second/rgb.json`));
  const bytes = await Deno.readFile(`${folder.path}/${mask}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assert.equal(beside.sha256.initialMask, hash);
});

Deno.test("--mean makes one mask of all prompts, and says which", async () => {
  await using folder = await temporaryFolder();
  const args = ["segment", IMAGE, "a dog", "a cat", "--mean", "--emit", "mask", "--json"];
  const { code, stdout, stderr } = await runIn([...args, ...FEW], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  const report: SegmentReport = JSON.parse(stdout);
  assert.equal(report.results.length, 1);
  const [{ prompt, prompts, files }] = report.results;
  assert.deepEqual([prompt, prompts], ["a dog + a cat", ["a dog", "a cat"]]);
  assert.equal(files.mask, "peekaboo-out/rgb.a-dog-a-cat.mask.png");
  const { sha256: _, ...beside } = JSON.parse(
    await Deno.readTextFile(`${folder.path}/peekaboo-out/rgb.json`),
  );
  assert.deepEqual(beside, report);
});

Deno.test("--exclusive gives each pixel to one prompt, in an indexed image with a legend", async () => {
  await using folder = await temporaryFolder();
  const args = ["segment", IMAGE, "a dog", "a cat", "--exclusive", "--emit", "alpha"];
  const { code, stdout, stderr } = await runIn([...args, "--json", ...FEW], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  const { settings, results, labelMap }: SegmentReport = JSON.parse(stdout);
  assert.equal(settings.exclusive, true);
  assert.equal(labelMap!.file, "peekaboo-out/rgb.labels.png");
  const { legend } = labelMap!;
  assert.deepEqual(
    legend.map(({ index, colour, prompt }) => [index, colour, prompt]),
    [[0, "#000000", null], [1, "#800000", "a dog"], [2, "#008000", "a cat"]],
  );
  const map = await readPng(`${folder.path}/${labelMap!.file}`);
  assert.deepEqual([map.width, map.height, map.depth, map.colorType], [width, height, 8, 3]);
  const alphas = await Promise.all(
    results.map(({ files }) => readPng(`${folder.path}/${files.alpha}`)),
  );
  const counts = [0, 0, 0];
  for (let i = 0; i < map.data.length; i += 4) {
    const colour = `#${map.data.subarray(i, i + 3).toString("hex")}`;
    const index = legend.findIndex((entry) => entry.colour === colour);
    counts[index]++;
    // α as 8 bits: 128 is 0.5 or a little less.
    const [dog, cat] = alphas.map(({ data }) => data[i]);
    if (index === 0) assert(Math.max(dog, cat) <= 128);
    else assert((index === 1 ? dog >= cat : cat >= dog) && Math.max(dog, cat) >= 128);
  }
  assert.deepEqual(legend.map(({ coverage }) => coverage * width * height), counts);

  const { stdout: words } = await runIn([...args, ...FEW], folder.path);
  const end = words.slice(words.indexOf("label map"));
  assert.match(
    end,
    /^label map\n {2}\S+labels\.png\n {2}0 #000000 none: [\d.]+ %\n {2}1 #800000 a dog: [^\n]+\n {2}2 #008000 a cat: [^\n]+\n$/,
  );
});

Deno.test("--timelapse films the overlay, whatever else is written", async () => {
  await using folder = await temporaryFolder();
  const args = ["segment", IMAGE, "a dog", "a cat", "--emit", "mask", "--timelapse", "--json"];
  const { code, stdout, stderr } = await runIn(
    [...args, "--iterations", "3", "--device", "cpu", "--timelapse-every", "2"],
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const { results }: SegmentReport = JSON.parse(stdout);
  for (const { prompt, files } of results) {
    assert.deepEqual(Object.keys(files), ["mask", "timelapse"]);
    assert.equal(files.timelapse, `peekaboo-out/rgb.${prompt.replace(" ", "-")}.timelapse.gif`);
    const frames = await gifFrames(await Deno.readFile(`${folder.path}/${files.timelapse}`));
    // At first, after 2 iterations and after the last.
    assert.deepEqual(frames.map(({ delay }) => delay), [8, 8, 200]);
    for (const frame of frames) assert.deepEqual([frame.width, frame.height], [width, height]);
  }
});

Deno.test("the same seed gives the same bytes, another seed others", async () => {
  await using folder = await temporaryFolder();
  const masks = async (out: string, seed: string, start = runIn) => {
    const args = ["segment", IMAGE, "a dog", "-o", out, "--seed", seed, "--quiet", ...FEW];
    const { code, stdout, stderr } = await start(args, folder.path);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    const files = (await filesIn(`${folder.path}/${out}`)).filter((name) => name.endsWith(".png"));
    const read = (name: string) => Deno.readFile(`${folder.path}/${out}/${name}`);
    return await Promise.all(files.map(read));
  };
  const first = await masks("first", "1", run);
  assert.equal(first.length, 4);
  assert.deepEqual(await masks("again", "1"), first);
  assert.notDeepEqual(await masks("other", "2"), first);
});

Deno.test("--variant fourier and fourier-bilateral have settings of their own", async () => {
  await using folder = await temporaryFolder();
  for (const variant of ["fourier", "fourier-bilateral"]) {
    const options = ["--variant", variant, "--size", "16", "--frequency-scale", "3", "--json"];
    const args = ["segment", IMAGE, "a dog", "-o", variant, ...FEW, ...options];
    const { code, stdout, stderr } = await runIn(args, folder.path);
    assert.deepEqual([code, stderr], [0, ""]);
    const { settings }: Provenance = JSON.parse(stdout);
    assert.deepEqual(
      [settings.variant, settings.optimizer, settings.iterations, settings.frequencyScale],
      [variant, "adam", 2, 3],
    );
    assert.equal((await filesIn(`${folder.path}/${variant}`)).length, 5);
  }
});

Deno.test("a prompt of 10,000 words is cut with a warning, and still gives its files", async () => {
  await using folder = await temporaryFolder();
  const prompt = Array(10_000).fill("dog").join(" ");
  const { code, stderr } = await runIn(["segment", IMAGE, prompt, ...FEW], folder.path);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: Prompt "dog [^\n]*tokens longer[^\n]*\n$/);
  assert.equal((await filesIn(folder.path)).length, 5);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} stops, writes the masks so far, and gives 130`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using folder = await temporaryFolder();
      await using child = await startedLoop(folder.path, ["--json"]);
      child.kill(signal);
      const { code, stdout, stderr } = await child.output();
      assert.equal(code, 130);
      assert.match(stderr, /^error: Interrupted after \d+ iterations[^\n]*\n$/);
      const [result] = (JSON.parse(stdout) as Provenance).results;
      assert.equal(result.interrupted, true);
      assert(result.iterations >= 1 && result.iterations < 100_000);
      assert.equal((await filesIn(folder.path)).length, 5);
    },
  });
}

Deno.test({
  name: "Ctrl-C twice quits with 130 and leaves nothing half-written",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await temporaryFolder();
    await using child = await startedLoop(folder.path);
    child.kill("SIGINT");
    child.kill("SIGTERM");
    const { code, stderr } = await child.output();
    assert.equal(code, 130);
    assert.doesNotMatch(stderr, /\n +at /, "no stack");
    for (const name of await filesIn(folder.path)) assert.match(name, /\.(png|json)$/);
  },
});

Deno.test({
  name: "a reader of the output that goes away is no error",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await temporaryFolder();
    const child = start(["segment", IMAGE, "a dog", ...FEW], folder.path);
    await child.stdout.cancel();
    const { code, stderr } = await ended(child);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal((await filesIn(folder.path)).length, 5);
  },
});

Deno.test("a missing permission is one line that names it", async () => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", MOD, "segment", IMAGE, "a dog"],
    cwd: folder.path,
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /^error: [^\n]*read access[^\n]*\n$/);
});

Deno.test("what the user typed cannot break a line or speak to the terminal", async () => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await run(["segment", "no\nsuch\x1b[31m.png", "a dog"], folder.path);
  assert.equal(code, 2);
  assert.match(stderr, /^error: Cannot read image "no\\u000asuch\\u001b\[31m.png"[^\n]*\n$/);
});

Deno.test("doctor tests the kernels and a vector-Jacobian product", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await run(["doctor", "--device", "cpu", "--json"], folder.path);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const { sections, checks, healthy } = JSON.parse(stdout);
  assert.equal(healthy, true);
  assert.equal(checks.length, 26);
  assert.equal(sections.Backend.chosen, "cpu");
  const { stdout: words } = await runIn(["doctor", "--device", "cpu"], folder.path);
  assert.match(words, /All 26 checks passed on cpu/);
});

Deno.test("--help and --version print to standard output", async () => {
  await using folder = await temporaryFolder();
  const help = await runIn(["--help"], folder.path);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /segment[^]*sample[^]*doctor/);
  const version = await run(["--version"], folder.path);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

/** A decoded PNG: RGBA whatever the file holds, and how the file holds it. */
async function readPng(path: string) {
  const { width, height, data, ...rest } = PNG.sync.read(Buffer.from(await Deno.readFile(path)));
  // The library's types leave out what it says of the header.
  const { depth, colorType } = rest as unknown as { depth: number; colorType: number };
  return { width, height, data, depth, colorType };
}

/** A segmentation that would take for ever, with some iterations behind it. */
async function startedLoop(folder: string, options: readonly string[] = []) {
  const endless = ["--iterations", "100000", "--device", "cpu", ...options];
  const child = start(["segment", IMAGE, "a dog", ...endless], folder);
  // The folder is made after everything is checked, before the networks are loaded.
  while (!await exists(`${folder}/peekaboo-out`)) await pause(50);
  await pause(3000);
  return {
    kill: (signal: Deno.Signal) => child.kill(signal),
    output: async () => {
      const { stdout, stderr, code } = await child.output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    },
    async [Symbol.asyncDispose]() {
      // A failed test must not leave it running.
      try {
        child.kill("SIGKILL");
      } catch {
        // It ended, as it should have.
      }
      await child.status;
    },
  };
}

/** The end of a process whose standard output is not read. */
async function ended(child: Deno.ChildProcess) {
  const stderr = await new Response(child.stderr).text();
  return { code: (await child.status).code, stderr };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
