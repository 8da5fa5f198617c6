import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { fileSource, memorySource } from "./byte_source.ts";

Deno.test("fileSource() reads pieces of a file", async () => {
  const path = await Deno.makeTempFile();
  const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  await Deno.writeFile(path, content);
  const source = fileSource(path, content.length);
  assert.deepEqual(source.read(990, 10), content.slice(990));
  assert.deepEqual(source.read(0, 1000), content);
  assert.deepEqual(source.read(1000, 0), new Uint8Array());
  await Deno.remove(path);
});

Deno.test("fileSource() says that a file is shorter than it was, or gone", async () => {
  const path = await Deno.makeTempFile();
  const source = fileSource(path, 10);
  assert.throws(() => source.read(4, 6), refusal(/^Cannot read ".*": it ends before byte 10$/));
  await Deno.remove(path);
  assert.throws(() => source.read(4, 6), refusal(/^Cannot read ".*": no such file or directory$/));
});

Deno.test("memorySource() gives views of its bytes", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  assert.deepEqual(memorySource(bytes).read(1, 2), new Uint8Array([2, 3]));
  assert.equal(memorySource(bytes).read(0, 4).buffer, bytes.buffer);
  assert.throws(() => memorySource(bytes).read(2, 3), /Read past 4 bytes/);
});
