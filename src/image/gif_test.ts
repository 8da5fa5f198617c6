import assert from "node:assert/strict";
import { readGif } from "./gif.ts";

const screen = (width: number, height: number) =>
  Uint8Array.of(...new TextEncoder().encode("GIF89a"), width, 0, height, 0, 0x80, 0, 0);
const TABLE = new Uint8Array(6);
/** An application extension of two blocks. */
const EXTENSION = Uint8Array.of(0x21, 0xff, 2, 7, 7, 1, 7, 0);
/** A frame of 5×4 pixels at (2, 1). */
const FRAME = Uint8Array.of(0x2c, 2, 0, 1, 0, 5, 0, 4, 0, 0);

Deno.test("readGif gives the logical screen, and leaves the file as it is", () => {
  const bytes = Uint8Array.of(...screen(9, 8), ...TABLE, ...FRAME);
  const { width, height, normalized } = readGif(bytes);
  assert.deepEqual([width, height], [9, 8]);
  assert.equal(normalized, bytes);
});

Deno.test("readGif replaces a screen without pixels by what the first frame reaches", () => {
  for (const extensions of [[], [EXTENSION], [EXTENSION, EXTENSION]]) {
    const frame = Uint8Array.of(...extensions.flatMap((bytes) => [...bytes]), ...FRAME);
    const { width, height, normalized } = readGif(
      Uint8Array.of(...screen(0, 0), ...TABLE, ...frame),
    );
    assert.deepEqual([width, height], [7, 5]);
    assert.deepEqual(normalized, Uint8Array.of(...screen(7, 5), ...TABLE, ...frame));
  }
});

Deno.test("readGif refuses a screen without pixels and without a frame", () => {
  const bytes = Uint8Array.of(...screen(0, 3), ...TABLE, ...EXTENSION, ...FRAME);
  for (let length = 0; length < bytes.length - 1; length++) {
    assert.throws(() => readGif(bytes.subarray(0, length)), /^Error: gif: /, `${length} bytes`);
  }
  assert.equal(readGif(bytes).width, 7);
});
