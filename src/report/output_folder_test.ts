import assert from "node:assert/strict";
import { filesIn, temporaryFolder } from "../../tests/cli/run.ts";
import { refusal } from "../../tests/refusal.ts";
import { fileStem, openOutputFolder } from "./output_folder.ts";

Deno.test("a folder that was made and holds nothing is removed, with the parents made for it", async () => {
  await using parent = await temporaryFolder();
  await Deno.mkdir(`${parent.path}/there`);
  {
    using folder = await openOutputFolder(`${parent.path}/there/a/b`, []);
    assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  }
  assert.deepEqual([...Deno.readDirSync(`${parent.path}/there`)], []);
});

Deno.test("a folder with files in it stays, and so does one that was there", async () => {
  await using parent = await temporaryFolder();
  {
    using folder = await openOutputFolder(`${parent.path}/out`, ["x.txt"]);
    assert.equal(await folder.write("x.txt", "x"), `${parent.path}/out/x.txt`);
  }
  await Deno.mkdir(`${parent.path}/empty`);
  (await openOutputFolder(`${parent.path}/empty`, []))[Symbol.dispose]();
  assert.deepEqual(await filesIn(parent.path), ["out/x.txt"]);
  assert((await Deno.stat(`${parent.path}/empty`)).isDirectory);
});

Deno.test("a folder that another process removed is made again", async () => {
  await using parent = await temporaryFolder();
  using folder = await openOutputFolder(`${parent.path}/out`, ["x.txt"]);
  await Deno.remove(folder.path);
  await folder.write("x.txt", "x");
  assert.deepEqual(await filesIn(parent.path), ["out/x.txt"]);
});

Deno.test("a folder that cannot be made is refused before any work", async () => {
  await using parent = await temporaryFolder();
  await Deno.writeTextFile(`${parent.path}/file`, "");
  for (const path of ["file/out", "file", `new/${"x".repeat(300)}`]) {
    await assert.rejects(openOutputFolder(`${parent.path}/${path}`, []), refusal(/output folder/));
  }
  assert.deepEqual([...Deno.readDirSync(parent.path)].map(({ name }) => name), ["file"]);
});

const bytes = (text: string) => new TextEncoder().encode(text).length;

Deno.test("fileStem() takes folders and extension off", () => {
  assert.equal(fileStem("a/b.c/dog.png"), "dog");
  assert.equal(fileStem("dog"), "dog");
  assert.equal(fileStem(".hidden"), ".hidden");
  assert.equal(fileStem("photos/dog.on.grass.jpg"), "dog.on.grass");
  assert.equal(fileStem(`${"x".repeat(200)}.jpg`).length, 150);
});

Deno.test("fileStem() leaves room for prompt and kind in a name of 255 bytes", () => {
  for (const character of ["x", "ü", "犬", "👩‍🌾", "-"]) {
    const stem = fileStem(`${character.repeat(250)}.png`);
    const name = `${stem}.${"y".repeat(80)}-99.overlay.png`;
    assert.ok(bytes(name) <= 255, `${bytes(name)} bytes with ${character}`);
  }
});

Deno.test("fileStem() cuts at whole characters and tells long names apart", () => {
  const farmers = "👩‍🌾".repeat(20);
  assert.match(fileStem(`${farmers}a.png`), /^(👩‍🌾)+-[0-9a-f]{8}$/u);
  assert.notEqual(fileStem(`${farmers}a.png`), fileStem(`${farmers}b.png`));
  assert.equal(fileStem(`${farmers}a.png`), fileStem(`${farmers}a.png`));
});
