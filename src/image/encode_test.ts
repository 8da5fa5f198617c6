import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { refusal } from "../../tests/refusal.ts";
import { decodeImage } from "./decode.ts";
import { encodePng } from "./encode.ts";
import type { Colour, Image } from "./image.ts";

/** Bit depth and colour type, as IHDR gives them. */
const kind = (png: Uint8Array) => [png[24], png[25]];

Deno.test("encodePng stores one channel as 8-bit grey", async () => {
  const png = await encodePng({
    width: 3,
    height: 2,
    channels: 1,
    data: Uint8Array.of(0, 7, 200, 255, 1, 2),
  });
  assert.deepEqual(kind(png), [8, 0]);
  const { width, height, data } = await decodeImage(png, "grey.png");
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual([...data.filter((_, i) => i % 3 === 0)], [0, 7, 200, 255, 1, 2]);
});

Deno.test("encodePng stores RGB that comes back unchanged", async () => {
  const image = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(
    ([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        channels: fc.constant(3 as const),
        data: fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }),
      }),
  );
  await fc.assert(
    fc.asyncProperty(image, async (image) => {
      const png = await encodePng(image);
      assert.deepEqual(kind(png), [8, 2]);
      assert.deepEqual(await decodeImage(png, "x.png"), { ...image });
    }),
    { numRuns: 30 },
  );
});

Deno.test("encodePng keeps the colour of clear pixels", async () => {
  const { default: codec } = await import("npm:imagescript@1.3.1/wasm/node/png.js");
  const pixels = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128);
  const png = await encodePng({ width: 2, height: 1, channels: 4, data: pixels });
  assert.deepEqual(kind(png), [8, 6]);
  assert.deepEqual((await codec.init()).decode(png).framebuffer, pixels);
});

Deno.test("encodePng gives the same bytes for the same pixels", async () => {
  const data = Uint8Array.from({ length: 48 * 48 * 4 }, (_, i) => (i * i) >> 5);
  const image: Image = { width: 48, height: 48, channels: 4, data };
  assert.deepEqual(await encodePng(image), await encodePng(image));
});

Deno.test("encodePng refuses pixels that do not fill the image", async () => {
  const image: Image = { width: 2, height: 1, channels: 3, data: new Uint8Array(5) };
  await assert.rejects(encodePng(image), refusal(/^Invalid image of 2×1 pixels, 3 channels and 5/));
});

Deno.test("encodePng writes a palette, which decoders apply", async () => {
  const palette: Colour[] = [[0, 0, 0], [128, 0, 7], [0, 64, 255]];
  const indices = Uint8Array.of(2, 0, 1, 1, 0, 2);
  const indexed: Image = { width: 3, height: 2, channels: 1, data: indices, palette };
  const png = await encodePng(indexed);
  assert.deepEqual(kind(png), [8, 3], "8 bits a pixel, indexed");
  const { width, height, data } = await decodeImage(png, "indexed.png");
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual([...data], [...indices].flatMap((index) => palette[index]));
  assert.deepEqual(await encodePng(indexed), png);
});
