import assert from "node:assert/strict";
import { decodeImage } from "./decode.ts";
import { encodeIndexedPng } from "./encode_indexed.ts";

Deno.test("encodeIndexedPng writes a palette, which decoders apply", async () => {
  const palette: [number, number, number][] = [[0, 0, 0], [128, 0, 7], [0, 64, 255]];
  const indices = Uint8Array.of(2, 0, 1, 1, 0, 2);
  const png = await encodeIndexedPng(indices, 3, 2, palette);
  assert.deepEqual([png[24], png[25]], [8, 3], "8 bits a pixel, indexed");
  const { width, height, data } = await decodeImage(png, "indexed.png");
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual([...data], [...indices].flatMap((index) => palette[index]));
  assert.deepEqual(await encodeIndexedPng(indices, 3, 2, palette), png);
});
