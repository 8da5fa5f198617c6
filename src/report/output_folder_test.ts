import assert from "node:assert/strict";
import { filesIn, temporaryFolder } from "../../tests/cli/run.ts";
import { refusal } from "../../tests/refusal.ts";
import { openOutputFolder } from "./output_folder.ts";

Deno.test("a folder that was made and holds nothing is removed, with the parents made for it", async () => {
  await using parent = await temporaryFolder();
  await Deno.mkdir(`${parent.path}/there`);
  {
    using folder = await openOutputFolder(`${parent.path}/there/a/b`);
    assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  }
  assert.deepEqual([...Deno.readDirSync(`${parent.path}/there`)], []);
});

Deno.test("a folder with files in it stays, and so does one that was there", async () => {
  await using parent = await temporaryFolder();
  {
    using folder = await openOutputFolder(`${parent.path}/out`);
    assert.equal(await folder.write("x.txt", "x"), `${parent.path}/out/x.txt`);
  }
  await Deno.mkdir(`${parent.path}/empty`);
  (await openOutputFolder(`${parent.path}/empty`))[Symbol.dispose]();
  assert.deepEqual(await filesIn(parent.path), ["out/x.txt"]);
  assert((await Deno.stat(`${parent.path}/empty`)).isDirectory);
});

Deno.test("a folder that another process removed is made again", async () => {
  await using parent = await temporaryFolder();
  using folder = await openOutputFolder(`${parent.path}/out`);
  await Deno.remove(folder.path);
  await folder.write("x.txt", "x");
  assert.deepEqual(await filesIn(parent.path), ["out/x.txt"]);
});

Deno.test("a folder that cannot be made is refused before any work", async () => {
  await using parent = await temporaryFolder();
  await Deno.writeTextFile(`${parent.path}/file`, "");
  for (const path of ["file/out", "file", `new/${"x".repeat(300)}`]) {
    await assert.rejects(openOutputFolder(`${parent.path}/${path}`), refusal(/output folder/));
  }
  assert.deepEqual([...Deno.readDirSync(parent.path)].map(({ name }) => name), ["file"]);
});
