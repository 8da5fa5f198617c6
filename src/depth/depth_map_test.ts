import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import type { Image } from "../image/image.ts";
import { checkDepth, decodeDepth, depthToSquare } from "./depth_map.ts";

const map = (width: number, height: number, ...depth: number[]) => ({
  width,
  height,
  depth: Float32Array.from(depth),
});

Deno.test("a depth map is scaled to 0..1, in whatever unit it is", () => {
  for (const [scale, shift] of [[1, 0], [1000, -3000], [-1, 0]]) {
    const depth = [0, 1, 3, 4].map((value) => scale * value + shift);
    const square = depthToSquare(map(2, 2, ...depth), 2, "scale");
    const wanted = [0, 0.25, 0.75, 1].map((value) => scale > 0 ? value : 1 - value);
    assert.deepEqual([...square], wanted);
  }
});

Deno.test("where all is equally far the guide is 0, and where there is no image ½", () => {
  assert.deepEqual([...depthToSquare(map(2, 1, 7, 7), 2, "scale")], [0, 0, 0, 0]);
  const padded = depthToSquare(map(4, 2, ...[1, 1, 3, 3], ...[1, 1, 3, 3]), 4, "pad");
  assert.deepEqual(
    [...padded],
    [[0.5, 0.5, 0.5, 0.5], [0, 0, 1, 1], [0, 0, 1, 1], [0.5, 0.5, 0.5, 0.5]].flat(),
  );
});

Deno.test("a grey image's brightness is its depth", async () => {
  const path = new URL("../../tests/fixtures/images/grey.png", import.meta.url);
  const { width, height, depth } = await decodeDepth(await Deno.readFile(path), "grey.png");
  assert.equal(depth.length, width * height);
  assert(new Set(depth).size > 2);
});

Deno.test("16 bits of depth keep their precision", async () => {
  const path = new URL("../../tests/fixtures/images/reports/depth.png", import.meta.url);
  const { depth } = await decodeDepth(await Deno.readFile(path));
  assert.deepEqual([...new Set(depth)].sort((a, b) => a - b), [700, 1100, 1500]);
});

Deno.test("a depth map of another size, or with what is no number, is refused", () => {
  const image: Image = { width: 2, height: 1, channels: 3, data: new Uint8Array(6) };
  assert.throws(
    () => checkDepth(map(1, 2, 0, 0), image, 'Depth map "d.png"'),
    refusal(/^Depth map "d\.png" has 1×2 pixels: wanted the image's 2×1$/),
  );
  for (const depth of [[0], [0, NaN], [0, Infinity]]) {
    assert.throws(() => checkDepth(map(2, 1, ...depth), image), refusal(/wanted 2 finite numbers/));
  }
});
