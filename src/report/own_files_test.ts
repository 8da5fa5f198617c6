import assert from "node:assert/strict";
import { temporaryFolder } from "../../tests/cli/run.ts";
import { refusal } from "../../tests/refusal.ts";
import { toCoco } from "../datasets/coco.ts";
import { evaluationCsv } from "../evaluate/table.ts";
import { decodeImage } from "../image/decode.ts";
import { encodePng } from "../image/encode.ts";
import { openGif } from "../image/encode_gif.ts";
import type { Image } from "../image/image.ts";
import { checkOwnFiles, isOwn, marked } from "./own_files.ts";

const DOT: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(9, 8, 7) };
const palette = [[0, 0, 0], [9, 8, 7]] as const;
const png = await encodePng(DOT);
const map = await encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(1), palette });
const gif = await openGif();
gif.add(DOT, 80);
const film = gif.finish();
const REPORT = { version: "0.1.0", model: "emoji", device: "cpu", seed: 0, sha256: { model: "0" } };

const bytes = (content: Uint8Array | string) =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

for (
  const [name, content] of [
    ["a.png", png],
    ["a.labels.png", map],
    ["a.gif", film],
    ["a.svg", "<svg><g/></svg>\n"],
  ] as const
) {
  Deno.test(`${name} is known by what was written into it, and a foreign one is not`, () => {
    assert(isOwn(bytes(marked(name, content))));
    assert(!isOwn(bytes(content)));
    assert(!isOwn(new Uint8Array()));
  });
}

Deno.test("a marked image has the same pixels", async () => {
  for (const [name, content] of [["a.png", png], ["a.png", map], ["a.gif", film]] as const) {
    const image = await decodeImage(bytes(marked(name, content)), name);
    assert.deepEqual([image.width, image.height, [...image.data]], [1, 1, [9, 8, 7]]);
  }
});

Deno.test("a report is known by its fields, the numbers of an ablation by their header", () => {
  const isReport = (value: unknown) => isOwn(bytes(JSON.stringify(value)));
  assert(isReport(REPORT));
  assert(isReport({ ...REPORT, results: [] }));
  for (const field of Object.keys(REPORT)) {
    assert(!isReport({ ...REPORT, [field]: undefined }), field);
  }
  for (const value of [null, [], {}, "x", 1, { version: "1.0", model: "Canon EOS" }]) {
    assert(!isReport(value));
  }
  assert(!isOwn(bytes("{")));
  assert(isOwn(bytes("run,variant,lambda,iteration,mean_alpha,coverage,variance\r\n")));
  assert(!isOwn(bytes("run,variant\r\n")));
  assert(isOwn(bytes(evaluationCsv([]))));
  assert(isOwn(bytes(JSON.stringify(toCoco([])))));
  assert(!isOwn(bytes(JSON.stringify({ ...toCoco([]), info: { contributor: "COCO" } }))));
});

Deno.test("checkOwnFiles names the first file that is not ours, and lets the others be replaced", async () => {
  await using folder = await temporaryFolder();
  const write = (name: string, content: Uint8Array | string) =>
    Deno.writeFile(`${folder.path}/${name}`, bytes(content));
  const names = ["a.png", "b.png", "a.json"];
  const check = (overwrite = false) => checkOwnFiles(folder.path, names, { overwrite });
  await check();
  await checkOwnFiles(`${folder.path}/nowhere`, names, {});

  await write("a.png", marked("a.png", png));
  await write("other.png", png);
  await check();
  await write("b.png", png);
  await assert.rejects(check(), refusal(/^Cannot replace "\S+b\.png": Peekaboo did not write it$/));
  await check(true);

  // Files without a mark, of an earlier version, that a report lists.
  await write("a.json", JSON.stringify({ ...REPORT, results: [{ files: { mask: "x/y/b.png" } }] }));
  await check();
  await write("a.json", JSON.stringify({ results: [{ files: { mask: "x/y/b.png" } }] }));
  await assert.rejects(check(), refusal(/b\.png"/));
});

Deno.test({
  name: "a link to nothing is not ours, and no folder is replaced",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await temporaryFolder();
    await Deno.symlink("nowhere", `${folder.path}/a.png`);
    const check = (overwrite: boolean) => checkOwnFiles(folder.path, ["a.png"], { overwrite });
    await assert.rejects(check(false), refusal(/a\.png": Peekaboo did not write it/));
    await check(true);
    await Deno.remove(`${folder.path}/a.png`);
    await Deno.mkdir(`${folder.path}/a.png`);
    for (const overwrite of [false, true]) {
      await assert.rejects(check(overwrite), refusal(/^Cannot write "\S+a\.png": it is a folder/));
    }
  },
});
