import assert from "node:assert/strict";
import { blendsIn, onGround } from "./ground.ts";
import type { Image } from "./image.ts";

const clear: Image = {
  width: 3,
  height: 1,
  channels: 4,
  data: Uint8Array.of(9, 9, 9, 0, 200, 40, 100, 100, 1, 2, 3, 255),
};
const on = (ground: string) => [...onGround(clear, ground).data];

Deno.test("a ground shows as far as the image is clear", () => {
  assert.deepEqual(on("white"), [255, 255, 255, 233, 171, 194, 1, 2, 3]);
  assert.deepEqual(on("grey"), [128, 128, 128, 156, 93, 117, 1, 2, 3]);
  assert.deepEqual(on("#00ff10"), [0, 255, 16, 78, 171, 49, 1, 2, 3]);
  assert.deepEqual(on("checker"), [255, 255, 255, 202, 140, 163, 1, 2, 3]);
});

Deno.test("the checkerboard has eight squares on the shorter side", () => {
  const image: Image = { width: 32, height: 16, channels: 4, data: new Uint8Array(4 * 32 * 16) };
  const { data } = onGround(image, "checker");
  const light = (x: number, y: number) => data[3 * (32 * y + x)] === 255;
  assert.deepEqual([light(0, 0), light(1, 1), light(2, 0), light(2, 2), light(0, 3)], [
    true,
    true,
    false,
    true,
    false,
  ]);
});

Deno.test("an opaque image stays as it is", () => {
  const opaque: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) };
  assert.equal(onGround(opaque, "checker"), opaque);
});

Deno.test("an image that hides on its ground is found, whatever its clear pixels hold", () => {
  const white: Image = {
    width: 2,
    height: 1,
    channels: 4,
    data: Uint8Array.of(250, 255, 255, 255, 0, 0, 0, 0),
  };
  assert(blendsIn(white, "white"));
  assert(!blendsIn(white, "grey"));
  assert(!blendsIn(clear, "white"));
  assert(!blendsIn({ ...white, data: new Uint8Array(8) }, "#000000"));
});
