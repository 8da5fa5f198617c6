import assert from "node:assert/strict";
import { chunkBytesFor, ChunkMap } from "./chunk_map.ts";

const FILE = { bytes: 25, chunkBytes: 10, identity: "https://x.org/a b" };

Deno.test("ChunkMap counts the bytes of whole chunks, the last one shorter", () => {
  const map = new ChunkMap(FILE);
  assert.deepEqual([0, 1, 2].map((chunk) => map.range(chunk)), [
    { start: 0, end: 10 },
    { start: 10, end: 20 },
    { start: 20, end: 25 },
  ]);
  assert.deepEqual([map.received, map.extent, map.missing()], [0, 0, [0, 1, 2]]);
  map.markDone(2);
  assert.deepEqual([map.received, map.extent, map.missing()], [5, 25, [0, 1]]);
  map.markDone(0);
  assert.deepEqual([map.received, map.missing()], [15, [1]]);
});

Deno.test("ChunkMap says which byte of its text marks a chunk", () => {
  const map = new ChunkMap(FILE);
  const before = map.toString();
  const { offset, mark } = map.markDone(1);
  assert.equal(before.slice(0, offset) + mark + before.slice(offset + 1), map.toString());
});

Deno.test("ChunkMap.parse() reads what toString() writes, and nothing else", () => {
  const map = new ChunkMap(FILE);
  map.markDone(1);
  const text = map.toString();
  const again = ChunkMap.parse(text)!;
  assert.deepEqual(again.file, FILE);
  assert.deepEqual(again.missing(), [0, 2]);
  for (const damaged of ["", text.slice(1), text + ".", text.slice(0, -1), text + "\n"]) {
    assert.equal(ChunkMap.parse(damaged), undefined, damaged);
  }
});

Deno.test("ChunkMap takes a file of no bytes", () => {
  const map = new ChunkMap({ ...FILE, bytes: 0 });
  assert.deepEqual([map.missing(), map.received, map.extent], [[], 0, 0]);
});

Deno.test("chunkBytesFor() keeps between 1 and 16 MiB", () => {
  const MiB = 1 << 20;
  assert.deepEqual(
    [10, 64 * MiB, 128 * MiB, 3.44e9].map(chunkBytesFor),
    [MiB, MiB, 2 * MiB, 16 * MiB],
  );
});
