import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { MAX_BYTES, readImageFile } from "./read.ts";

async function complaint(path: string): Promise<string> {
  const error = await readImageFile(path).then(() => assert.fail("read"), (error) => error);
  assert.ok(error instanceof UserError, String(error.stack));
  assert.ok(error.hint);
  return error.message;
}

Deno.test("readImageFile gives the file's bytes", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "bytes");
  assert.equal(new TextDecoder().decode(await readImageFile(path)), "bytes");
  await Deno.remove(path);
});

Deno.test("readImageFile says what is wrong in one line", async () => {
  const folder = await Deno.makeTempDir();
  const missing = await complaint(`${folder}/x.png`);
  assert.match(missing, /^Cannot read image ".*x\.png": [^\n]*[^.\n]$/);
  assert.equal(await complaint(folder), `Cannot read image "${folder}": it is a folder`);
  await Deno.remove(folder);
});

Deno.test("readImageFile does not load a file larger than an image can be", async () => {
  const path = await Deno.makeTempFile();
  await Deno.truncate(path, MAX_BYTES + 1); // A hole: it takes no room on disk.
  assert.match(await complaint(path), /: 1073741825 bytes are more than the limit of 1 GiB$/);
  await Deno.remove(path);
});

Deno.test({
  name: "readImageFile does not wait on a device",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assert.match(await complaint("/dev/null"), /: it is not a regular file$/);
  },
});

Deno.test("readImageFile asks for Deno's read permission", { permissions: "none" }, async () => {
  const message = await complaint("x.png");
  assert.equal(message, 'Cannot read image "x.png": Deno requires read access to "x.png"');
});
