import assert from "node:assert/strict";
import { decodeImage } from "../image/decode.ts";
import type { Image } from "../image/image.ts";
import { MASK_KINDS, type MaskKind, renderMask } from "./render.ts";

const data = Uint8Array.of(200, 100, 50, 10, 20, 30);
const image: Image = { width: 2, height: 1, channels: 3, data };
const alpha = Float32Array.of(0.8, 0.4);

/** PNG's colour type, and the pixels over white. */
async function rendered(kind: MaskKind): Promise<[number, number[]]> {
  const png = await renderMask(kind, image, alpha, 0.5);
  const { width, height, data } = await decodeImage(png, kind);
  assert.deepEqual([width, height], [2, 1]);
  return [png[25], [...data]];
}

Deno.test("renderMask writes each kind in the PNG colour type that fits it", async () => {
  assert.deepEqual(await rendered("alpha"), [0, [204, 204, 204, 102, 102, 102]]);
  assert.deepEqual(await rendered("mask"), [0, [255, 255, 255, 0, 0, 0]]);
  assert.deepEqual(await rendered("cutout"), [6, [200, 100, 50, 255, 10, 20, 30, 64]]);
  const [type, pixels] = await rendered("overlay");
  assert.equal(type, 2);
  assert.deepEqual(pixels.slice(3), [255, 255, 255]);
});

Deno.test("renderMask gives the same bytes for the same mask", async () => {
  for (const kind of MASK_KINDS) {
    const [a, b] = [0, 1].map(() => renderMask(kind, image, alpha, 0.5));
    assert.deepEqual(await a, await b);
  }
});
