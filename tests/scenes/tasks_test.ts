/** `deno task scenes` and `deno task evaluate`, as programs. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { CocoDocument } from "../../src/datasets/coco.ts";
import { sceneQuestion } from "../../src/datasets/sets.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { filesIn, type Run, run, start, temporaryFolder } from "../cli/run.ts";

const taskFile = (name: string) =>
  fileURLToPath(new URL(`../../tasks/${name}.ts`, import.meta.url));

const startTask = (name: string, args: readonly string[], cwd: string): Deno.ChildProcess =>
  start(args, cwd, taskFile(name));

const runTask = (name: string, args: readonly string[], cwd: string): Promise<Run> =>
  run(args, cwd, taskFile(name));

Deno.test("scenes writes images, masks, depth and annotations that agree", async () => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await runTask(
    "scenes",
    ["--set", "ref-emoji", "--split", "val", "--count", "2", "--size", "32", "--out", "scenes"],
    folder.path,
  );
  assert.equal(code, 0, stderr);
  const files = ["0000", "0001"].flatMap((n) => [`${n}.depth.png`, `${n}.mask.png`, `${n}.png`]);
  assert.deepEqual(await filesIn(`${folder.path}/scenes`), [...files, "annotations.json"]);

  const read = (name: string) => Deno.readFile(`${folder.path}/scenes/${name}`);
  const coco: CocoDocument = JSON.parse(new TextDecoder().decode(await read("annotations.json")));
  const { prompt, kind } = sceneQuestion("ref-emoji", "val", 1);
  const asked = coco.annotations.filter((annotation) => annotation.prompt !== undefined);
  assert.deepEqual([asked[1].prompt, asked[1].kind, asked[1].image_id], [prompt, kind, 2]);
  const mask = await decodeImage(await read("0001.mask.png"), "mask");
  const inside = mask.data.filter((value) => value === 255).length / 3;
  assert.deepEqual([asked[1].area, mask.width], [inside, 32]);
  // Whatever is in front of the ground is lighter than all of it: 0.35 to 0.3 of 255.
  const depth = await decodeImage(await read("0001.depth.png"), "depth");
  for (let i = 0; i < 32 * 32; i++) {
    if (mask.data[3 * i] === 255) assert.ok(depth.data[3 * i] >= 89);
  }
});

Deno.test("evaluate prints a table a set, keeps every answer and goes on from there", async () => {
  await using folder = await temporaryFolder();
  const args = [
    ...["--set", "emoji-c,ref-emoji", "--split", "val", "--size", "32", "--device", "cpu"],
    ...["--variants", "raster", "--try", "iterations=1", "--try", "lambda=0.1,0.2"],
    ...["--csv", "table.csv", "--json", "runs.json"],
  ];
  const one = await runTask("evaluate", [...args, "--count", "1"], folder.path);
  assert.equal(one.code, 0, one.stderr);
  assert.equal(one.stderr.trimEnd().split("\n").length, 4);
  assert.match(one.stdout, /^emoji-c val, .*\nvariant .*\nraster lambda=0.1 +all +1 +0\.\d{3} /);
  assert.match(
    one.stdout,
    /\nref-emoji val, .*\n.*\n.*\nraster lambda=0.2 +all +1 .*\nwhole image /,
  );
  assert.equal((await Deno.readTextFile(`${folder.path}/table.csv`)).split("\r\n").length, 8);
  const { runs } = JSON.parse(await Deno.readTextFile(`${folder.path}/runs.json`));
  assert.equal(runs.length, 4);
  assert.equal(runs[1].settings.lambda, 0.2);

  const two = await runTask("evaluate", [...args, "--count", "2"], folder.path);
  assert.equal(
    two.stderr.trimEnd().split("\n").length,
    4,
    "only the second scenes are asked about",
  );
  assert.match(two.stdout, /raster lambda=0.1 +all +2 /);
});

Deno.test({
  name: "evaluate, interrupted, prints the answers it has and has kept them",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await temporaryFolder();
    const args = [
      ...["--set", "emoji-c", "--size", "32", "--device", "cpu", "--variants", "raster"],
      ...["--try", "iterations=1", "--json", "runs.json"],
    ];
    await using evaluate = startTask("evaluate", args, folder.path);
    const lines = evaluate.stderr.pipeThrough(new TextDecoderStream());
    let answers = 0;
    for await (const text of lines) {
      if (answers === 0) evaluate.kill("SIGINT");
      answers += text.split("\n").length - 1;
    }
    const { code } = await evaluate.status;
    const stdout = await new Response(evaluate.stdout).text();
    assert.equal(code, 130);
    assert.ok(answers < 200, "it stopped");
    assert.match(stdout, new RegExp(`raster +all +${answers} `));
    const { runs } = JSON.parse(await Deno.readTextFile(`${folder.path}/runs.json`));
    assert.equal(runs[0].evaluation.results.length, answers);
  },
});

Deno.test("scenes and evaluate replace their own files, and no other", async () => {
  await using folder = await temporaryFolder();
  const scenes = ["--set", "ref-emoji", "--split", "val", "--count", "1", "--size", "32"];
  const evaluate = [
    ...["--set", "emoji-c", "--split", "val", "--count", "1", "--size", "32", "--device", "cpu"],
    ...["--variants", "raster", "--try", "iterations=1", "--csv", "table.csv"],
  ];
  for (
    const [task, args, file] of [
      ["scenes", scenes, "scenes/0000.mask.png"],
      ["scenes", scenes, "scenes/annotations.json"],
      ["evaluate", evaluate, "table.csv"],
    ] as const
  ) {
    const path = `${folder.path}/${file}`;
    for (let i = 0; i < 2; i++) {
      const { code, stderr } = await runTask(task, args, folder.path);
      assert.equal(code, 0, stderr);
    }
    await Deno.writeTextFile(path, "mine");
    const { code, stdout, stderr } = await runTask(task, args, folder.path);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(
      stderr,
      /^Cannot replace "[^\n]*": Peekaboo did not write it\nhint: .*--overwrite\n$/,
    );
    assert(stderr.includes(file));
    assert.equal(await Deno.readTextFile(path), "mine");
    assert.equal((await runTask(task, [...args, "--overwrite"], folder.path)).code, 0);
  }
});

Deno.test("scenes and evaluate say what is wrong in a line", async () => {
  await using folder = await temporaryFolder();
  const wrong: [string, string[], RegExp][] = [
    ["scenes", ["--set", "one-object"], /one-object/],
    ["evaluate", ["--set", "emoji-c,nonsense"], /found "nonsense"/],
    ["evaluate", ["--try", "lambda"], /setting=value/],
    [
      "evaluate",
      ["--device", "cpu", "--try", "lamda=1"],
      /^Unknown setting "lamda".*\nhint: .*\n$/,
    ],
  ];
  for (const [name, args, message] of wrong) {
    const { code, stdout, stderr } = await runTask(name, args, folder.path);
    assert.notEqual(code, 0);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.ok(stderr.trimEnd().split("\n").length <= 2, stderr);
  }
  assert.deepEqual(await filesIn(folder.path), []);
});
