import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
// @ts-types="npm:@types/pngjs@6.0.5"
import { PNG } from "npm:pngjs@7.0.0";
import { main } from "../../src/cli/main.ts";
import type { SampleReport } from "../../src/report/samples.ts";
import { runIn } from "./fake_io.ts";
import { interruptedIo } from "./interrupted_io.ts";
import { filesIn, run, temporaryFolder } from "./run.ts";

const FEW = ["--steps", "3", "--device", "cpu"];

Deno.test("sample writes an image that is not flat, and says how it was made", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await run(["sample", "a red  Dog!", ...FEW], folder.path);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /^a red {2}Dog!: [\d.]+ s\n {2}peekaboo-out.sample\.a-red-dog\.png\n$/);
  assert.deepEqual(await filesIn(folder.path), [
    "peekaboo-out/sample.a-red-dog.png",
    "peekaboo-out/sample.json",
  ]);
  const { width, height, data } = await readPng(
    `${folder.path}/peekaboo-out/sample.a-red-dog.png`,
  );
  assert.deepEqual([width, height], [64, 64]);
  for (const channel of [0, 1, 2]) {
    const values = new Set(data.filter((_, i) => i % 4 === channel));
    assert(values.size > 40, `${values.size} values in channel ${channel}`);
  }
  const written = JSON.parse(await Deno.readTextFile(`${folder.path}/peekaboo-out/sample.json`));
  assert.match(written.sha256.model, /^[0-9a-f]{64}$/);
  assert.equal(written.settings.guidanceScale, 4);
});

Deno.test("--json prints one document; prompts and --count give images of their own", async () => {
  await using folder = await temporaryFolder();
  const args = ["sample", "a dog", "a dog", "a cat", "-o", "a/b", "--count", "2", "--json"];
  const options = ["--seed", "7", "--scheduler", "pndm", "--guidance", "3"];
  const negative = ["--negative-prompt", "a tree"];
  const { code, stdout, stderr } = await runIn(
    [...args, ...options, ...negative, "--steps", "1", "--device", "cpu"],
    folder.path,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const report: SampleReport = JSON.parse(stdout);
  assert.deepEqual([report.model, report.device, report.seed], ["emoji", "cpu", 7]);
  assert.deepEqual(report.settings, {
    steps: 1,
    guidanceScale: 3,
    scheduler: "pndm",
    seed: 7,
    count: 2,
    negativePrompt: "a tree",
    size: 64,
  });
  const images = report.results.map(({ prompt, index, file }) => [prompt, index, file]);
  assert.deepEqual(images, [
    ["a dog", 0, "a/b/sample.a-dog.1.png"],
    ["a dog", 1, "a/b/sample.a-dog.2.png"],
    ["a dog", 0, "a/b/sample.a-dog-2.1.png"],
    ["a dog", 1, "a/b/sample.a-dog-2.2.png"],
    ["a cat", 0, "a/b/sample.a-cat.1.png"],
    ["a cat", 1, "a/b/sample.a-cat.2.png"],
  ]);
  for (const { file } of report.results) {
    assert.equal((await readPng(`${folder.path}/${file}`)).width, 64);
  }
  const { sha256: _, ...beside } = JSON.parse(
    await Deno.readTextFile(`${folder.path}/a/b/sample.json`),
  );
  assert.deepEqual(beside, report);
});

Deno.test("the same seed gives the same bytes; another seed, and another prompt, others", async () => {
  await using folder = await temporaryFolder();
  const image = async (out: string, prompt: string, seed: string, start = runIn) => {
    const args = ["sample", prompt, "-o", out, "--seed", seed, "--quiet", ...FEW];
    const { code, stdout, stderr } = await start(args, folder.path);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    const [name] = (await filesIn(`${folder.path}/${out}`)).filter((name) => name.endsWith("png"));
    return await Deno.readFile(`${folder.path}/${out}/${name}`);
  };
  const first = await image("first", "a dog", "1", run);
  assert.deepEqual(await image("again", "a dog", "1"), first);
  assert.notDeepEqual(await image("other-seed", "a dog", "2"), first);
  assert.notDeepEqual(await image("other-prompt", "a cat", "1"), first);
});

for (
  const { steps, ticks, finished } of [
    { steps: 1, ticks: 5, finished: 2 },
    { steps: 3, ticks: 3, finished: 0 },
  ]
) {
  Deno.test(`Ctrl-C after ${finished} images writes those, and gives 130`, async () => {
    await using folder = await temporaryFolder();
    const { io, errors } = interruptedIo(ticks, folder.path);
    const args = ["sample", "a dog", "--count", "9", "--steps", `${steps}`, "--device", "cpu"];
    const code = await main([...args, "--quiet", "-o", `${folder.path}/out`], io);
    assert.equal(code, 130);
    const files = await filesIn(folder.path);
    if (finished > 0) {
      assert.deepEqual(errors, ["Interrupted after 2 of 9 images, which are written"]);
      const names = ["sample.a-dog.1.png", "sample.a-dog.2.png", "sample.json"];
      assert.deepEqual(files, names.map((name) => `out/${name}`));
      const { results } = JSON.parse(await Deno.readTextFile(`${folder.path}/out/sample.json`));
      assert.equal(results[1].interrupted, true);
    } else {
      assert.match(errors.join(), /^Interrupted before the first image[^\n]*$/);
      assert.deepEqual(files, []);
    }
  });
}

async function readPng(path: string) {
  return PNG.sync.read(Buffer.from(await Deno.readFile(path)));
}
