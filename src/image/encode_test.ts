import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { decodeImage } from "./decode.ts";
import { encodePng } from "./encode.ts";

/** Bit depth and colour type, as IHDR gives them. */
const kind = (png: Uint8Array) => [png[24], png[25]];

Deno.test("encodePng stores one channel as 8-bit grey", async () => {
  const png = await encodePng(Uint8Array.of(0, 7, 200, 255, 1, 2), 3, 2, 1);
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
        data: fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }),
      }),
  );
  await fc.assert(
    fc.asyncProperty(image, async ({ width, height, data }) => {
      const png = await encodePng(data, width, height, 3);
      assert.deepEqual(kind(png), [8, 2]);
      assert.deepEqual(await decodeImage(png, "x.png"), { width, height, data });
    }),
    { numRuns: 30 },
  );
});

Deno.test("encodePng keeps the colour of clear pixels", async () => {
  const { default: codec } = await import("npm:imagescript@1.3.1/wasm/node/png.js");
  const pixels = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128);
  const png = await encodePng(pixels, 2, 1, 4);
  assert.deepEqual(kind(png), [8, 6]);
  assert.deepEqual((await codec.init()).decode(png).framebuffer, pixels);
});

Deno.test("encodePng gives the same bytes for the same pixels", async () => {
  const pixels = Uint8Array.from({ length: 48 * 48 * 4 }, (_, i) => (i * i) >> 5);
  assert.deepEqual(await encodePng(pixels, 48, 48, 4), await encodePng(pixels, 48, 48, 4));
});

Deno.test("encodePng refuses pixels that do not fill the image", async () => {
  await assert.rejects(encodePng(new Uint8Array(5), 2, 1, 3), RangeError);
});
