import assert from "node:assert/strict";
import { join } from "node:path";
import { refusal } from "../../tests/refusal.ts";
import { chunkBytesFor, ChunkMap, PartFile } from "./part_file.ts";

const FILE = { bytes: 25, chunkBytes: 10, identity: "a" };

async function temporaryPart() {
  const folder = await Deno.makeTempDir();
  return {
    path: join(folder, "x.part"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Writes a chunk full of its number. */
async function writeChunk(part: PartFile, chunk: number) {
  const { start, end } = part.map.range(chunk);
  using writer = await part.writeFrom(start);
  await writer.write(new Uint8Array(end - start).fill(chunk));
  part.markDone(chunk);
}

Deno.test("PartFile goes on with the chunks that are there", async () => {
  await using at = await temporaryPart();
  {
    using part = await PartFile.open(at.path, FILE);
    assert.ok(!part.resumed);
    await Promise.all([writeChunk(part, 2), writeChunk(part, 0)]);
  }
  assert.equal(await PartFile.received(at.path), 15);
  using part = await PartFile.open(at.path, FILE);
  assert.ok(part.resumed);
  assert.deepEqual(part.map.missing(), [1]);
  await writeChunk(part, 1);
  const expected = Array.from({ length: 25 }, (_, i) => Math.floor(i / 10));
  assert.deepEqual([...await Deno.readFile(at.path)], expected);
});

Deno.test("PartFile starts again with another content, length or chunk length", async () => {
  for (const other of [{ identity: "b" }, { bytes: 26 }, { chunkBytes: 5 }]) {
    await using at = await temporaryPart();
    {
      using part = await PartFile.open(at.path, FILE);
      await writeChunk(part, 0);
    }
    using part = await PartFile.open(at.path, { ...FILE, ...other });
    assert.ok(!part.resumed);
    assert.equal(part.map.received, 0);
  }
});

Deno.test("PartFile starts again without the map, and with data that was cut", async () => {
  for (
    const damage of [
      (path: string) => Deno.remove(`${path}.map`),
      (path: string) => Deno.truncate(path, 24),
      (path: string) => Deno.writeTextFile(`${path}.map`, "###"),
    ]
  ) {
    await using at = await temporaryPart();
    {
      using part = await PartFile.open(at.path, FILE);
      await writeChunk(part, 2);
    }
    await damage(at.path);
    {
      using part = await PartFile.open(at.path, FILE);
      assert.ok(!part.resumed);
      await writeChunk(part, 1);
    }
    assert.equal(await PartFile.received(at.path), 10);
  }
});

Deno.test("PartFile.restart() forgets all chunks, on the disk too", async () => {
  await using at = await temporaryPart();
  using part = await PartFile.open(at.path, FILE);
  await writeChunk(part, 1);
  part.restart();
  assert.deepEqual(part.map.missing(), [0, 1, 2]);
  assert.equal(await PartFile.received(at.path), 0);
});

Deno.test("PartFile says that it cannot write", async () => {
  await using at = await temporaryPart();
  const path = join(at.path, "no-such-folder", "x.part");
  await assert.rejects(
    PartFile.open(path, FILE),
    refusal(/^Cannot write ".*x.part": no such file/i),
  );
});

const MAPPED = { ...FILE, identity: "https://x.org/a b" };

Deno.test("ChunkMap counts the bytes of whole chunks, the last one shorter", () => {
  const map = new ChunkMap(MAPPED);
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
  const map = new ChunkMap(MAPPED);
  const before = map.toString();
  const { offset, mark } = map.markDone(1);
  assert.equal(before.slice(0, offset) + mark + before.slice(offset + 1), map.toString());
});

Deno.test("ChunkMap.parse() reads what toString() writes, and nothing else", () => {
  const map = new ChunkMap(MAPPED);
  map.markDone(1);
  const text = map.toString();
  const again = ChunkMap.parse(text)!;
  assert.deepEqual(again.file, MAPPED);
  assert.deepEqual(again.missing(), [0, 2]);
  for (const damaged of ["", text.slice(1), text + ".", text.slice(0, -1), text + "\n"]) {
    assert.equal(ChunkMap.parse(damaged), undefined, damaged);
  }
});

Deno.test("ChunkMap takes a file of no bytes", () => {
  const map = new ChunkMap({ ...MAPPED, bytes: 0 });
  assert.deepEqual([map.missing(), map.received, map.extent], [[], 0, 0]);
});

Deno.test("chunkBytesFor() keeps between 1 and 16 MiB", () => {
  const MiB = 1 << 20;
  assert.deepEqual(
    [10, 64 * MiB, 128 * MiB, 3.44e9].map(chunkBytesFor),
    [MiB, MiB, 2 * MiB, 16 * MiB],
  );
});
