import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import { main } from "../../src/cli/main.ts";
import type { GenerateReport } from "../../src/report/generations.ts";
import { gifFrames } from "../gif_frames.ts";
import { runIn } from "./fake_io.ts";
import { interruptedIo } from "./interrupted_io.ts";
import { filesIn, run, temporaryFolder } from "./run.ts";

const FEW = ["--iterations", "2", "--size", "16", "--device", "cpu"];

Deno.test("generate writes an image with transparency, and says how it was made", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await run(["generate", "a red  Dog!", ...FEW], folder.path);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^a red {2}Dog!: [\d.]+ % opaque, [\d.]+ s\n( {2}\S+\.png\n){3}$/);
  assert.deepEqual(await filesIn(folder.path), [
    "peekaboo-out/generate.a-red-dog.alpha.png",
    "peekaboo-out/generate.a-red-dog.png",
    "peekaboo-out/generate.a-red-dog.preview.png",
    "peekaboo-out/generate.json",
  ]);
  const read = (name: string) => readPng(`${folder.path}/peekaboo-out/generate.a-red-dog${name}`);
  const [layer, preview, alpha] = [
    await read(".png"),
    await read(".preview.png"),
    await read(".alpha.png"),
  ];
  assert.deepEqual([layer.colorType, preview.colorType, alpha.colorType], [6, 2, 0]);
  for (const { width, height } of [layer, preview, alpha]) {
    assert.deepEqual([width, height], [16, 16]);
  }
  const opacities = new Set<number>();
  for (let i = 0; i < 256; i++) {
    const opacity = layer.data[4 * i + 3];
    opacities.add(opacity);
    assert.equal(alpha.data[4 * i], opacity);
    const ground = (Math.floor(i % 16 / 2) + Math.floor(i / 32)) % 2 === 0 ? 255 : 204;
    for (let c = 4 * i; c < 4 * i + 3; c++) {
      const blended = (opacity * layer.data[c] + (255 - opacity) * ground) / 255;
      // α is rounded in the file.
      assert(Math.abs(preview.data[c] - blended) <= 1.5, `${preview.data[c]}, wanted ${blended}`);
    }
  }
  assert(opacities.size > 10, `${opacities.size} opacities`);
  const text = await Deno.readTextFile(`${folder.path}/peekaboo-out/generate.json`);
  assert.match(JSON.parse(text).sha256.model, /^[0-9a-f]{64}$/);
});

Deno.test("--json prints one document; prompts have images, settings and films", async () => {
  await using folder = await temporaryFolder();
  const args = ["generate", "a dog", "a dog", "-o", "a/b", "--image-param", "raster", "--json"];
  const settings = ["--guidance", "3", "--lambda", "0.5", "--learning-rate", "0.25", "--seed", "7"];
  const more = ["--optimizer", "sgd", "--t-min", "30", "--t-max", "60", "--frequency-scale", "2"];
  const film = ["--timelapse-every", "1"];
  const { code, stdout, stderr } = await runIn(
    [...args, ...settings, ...more, ...film, ...FEW],
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const report: GenerateReport = JSON.parse(stdout);
  assert.deepEqual([report.model, report.device, report.seed], ["emoji", "cpu", 7]);
  const { momentum: _, posterior: __, ...given } = report.settings;
  assert.deepEqual(given, {
    imageParam: "raster",
    size: 16,
    iterations: 2,
    guidanceScale: 3,
    lambda: 0.5,
    optimizer: "sgd",
    learningRate: 0.25,
    frequencyScale: 2,
    tMin: 30,
    tMax: 60,
    seed: 7,
  });
  const stems = ["a/b/generate.a-dog", "a/b/generate.a-dog-2"];
  for (const [i, result] of report.results.entries()) {
    assert.deepEqual(result.files, {
      rgba: `${stems[i]}.png`,
      preview: `${stems[i]}.preview.png`,
      alpha: `${stems[i]}.alpha.png`,
      timelapse: `${stems[i]}.timelapse.gif`,
    });
    assert.deepEqual([result.prompt, result.iterations], ["a dog", 2]);
    assert.equal(result.secondsPerIteration, result.seconds / 2);
    const { data } = await readPng(`${folder.path}/${result.files.alpha}`);
    assert.equal(result.coverage, data.filter((a, k) => k % 4 === 0 && a >= 128).length / 256);
    const film = await Deno.readFile(`${folder.path}/${result.files.timelapse}`);
    // At first, after 1 iteration and after 2.
    assert.deepEqual((await gifFrames(film)).map(({ delay }) => delay), [8, 8, 200]);
  }
  const { sha256: ___, ...beside } = JSON.parse(
    await Deno.readTextFile(`${folder.path}/a/b/generate.json`),
  );
  assert.deepEqual(beside, report);
});

Deno.test("the same seed gives the same bytes; another seed others", async () => {
  await using folder = await temporaryFolder();
  const files = async (out: string, seed: string, start = runIn) => {
    const args = ["generate", "a dog", "-o", out, "--seed", seed, "--quiet", "--timelapse", ...FEW];
    const { code, stdout, stderr } = await start(args, folder.path);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    const names = (await filesIn(`${folder.path}/${out}`)).filter((name) => !/json$/.test(name));
    assert.equal(names.length, 4);
    const read = (name: string) => Deno.readFile(`${folder.path}/${out}/${name}`);
    return await Promise.all(names.map(read));
  };
  const first = await files("first", "1", run);
  assert.deepEqual(await files("again", "1"), first);
  const other = await files("other", "2");
  first.forEach((bytes, i) => assert.notDeepEqual(other[i], bytes));
});

for (const { ticks, finished } of [{ ticks: 4, finished: true }, { ticks: 1, finished: false }]) {
  const what = finished ? "writes the image so far and its film" : "writes nothing";
  Deno.test(`Ctrl-C ${finished ? "after" : "before"} the first iteration ${what}`, async () => {
    await using folder = await temporaryFolder();
    const { io, errors } = interruptedIo(ticks, folder.path);
    const args = ["generate", "a dog", "--iterations", "100000", "--size", "16", "--timelapse"];
    const out = ["--device", "cpu", "--quiet", "-o", `${folder.path}/out`];
    assert.equal(await main([...args, ...out], io), 130);
    const files = await filesIn(folder.path);
    if (!finished) {
      assert.deepEqual(errors, ["Interrupted before the first iteration; nothing was written"]);
      return assert.deepEqual(files, []);
    }
    assert.match(errors.join(), /^Interrupted after \d+ iterations; the images so far[^\n]*$/);
    const kinds = ["alpha.png", "png", "preview.png", "timelapse.gif"];
    const names = kinds.map((kind) => `out/generate.a-dog.${kind}`);
    assert.deepEqual(files, [...names, "out/generate.json"]);
    const { results } = JSON.parse(await Deno.readTextFile(`${folder.path}/out/generate.json`));
    assert.equal(results[0].interrupted, true);
  });
}

async function readPng(path: string) {
  const { width, height, data, ...rest } = PNG.sync.read(Buffer.from(await Deno.readFile(path)));
  // The library's types leave out what it says of the header.
  return { width, height, data, colorType: (rest as unknown as { colorType: number }).colorType };
}
