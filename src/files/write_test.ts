import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "./write.ts";

async function complaint(path: string): Promise<string> {
  const error = await writeFileAtomic(path, "new").then(
    () => assert.fail("written"),
    (error) => error,
  );
  assert.ok(error instanceof UserError, String(error.stack));
  assert.ok(error.hint);
  assert.match(error.message, /^Cannot write "[^\n]*": [^\n]*[^.\n]$/);
  return error.message;
}

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("writeFileAtomic writes bytes and text, and replaces what was there", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a.bin`;
  await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
  assert.deepEqual([...await Deno.readFile(path)], [1, 2, 3]);
  await writeFileAtomic(path, "ü");
  assert.equal(await Deno.readTextFile(path), "ü");
  assert.deepEqual(names(folder), ["a.bin"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("writeFileAtomic takes the longest file name there is", async () => {
  const folder = await Deno.makeTempDir();
  await writeFileAtomic(`${folder}/${"x".repeat(255)}`, "");
  assert.match(await complaint(`${folder}/${"x".repeat(256)}`), /: file name too long$/);
  assert.equal(names(folder).length, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("writeFileAtomic leaves nothing behind when it fails", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/taken/full`, { recursive: true });
  await Deno.writeTextFile(`${folder}/file`, "old");
  await complaint(`${folder}/taken`);
  await complaint(`${folder}/none/x`);
  await complaint(`${folder}/file/x`);
  assert.deepEqual(names(folder), ["file", "taken"]);
  assert.deepEqual(names(`${folder}/taken`), ["full"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("writeFileAtomic asks for Deno's write permission", { permissions: "none" }, async () => {
  assert.match(await complaint("x"), /^Cannot write "x": Deno requires write access to "/);
});

Deno.test("writeFileAtomic keeps a bug's own error", async () => {
  const path = await Deno.makeTempFile();
  await assert.rejects(
    writeFileAtomic(path, new Proxy(new Uint8Array(1), {})),
    (error) => error instanceof TypeError,
  );
  await Deno.remove(path);
});
