import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { toSquare } from "./geometry.ts";
import { checkAlpha, checkImage, fromPlanes, type Image, toRgb } from "./image.ts";

Deno.test("fromPlanes undoes toSquare", () => {
  const data = Uint8Array.from({ length: 3 * 256 }, (_, i) => (7 * i) % 256);
  const image: Image = { width: 16, height: 16, channels: 3, data };
  assert.deepEqual(fromPlanes(toSquare(image, 16, "scale"), 16, 16), image);
});

Deno.test("fromPlanes clamps values out of range", () => {
  const { data } = fromPlanes(Float32Array.of(-0.5, 2, 1, 0, 0.498, 0.502), 1, 2);
  assert.deepEqual([...data], [0, 255, 127, 255, 0, 128]);
});

Deno.test("toRgb repeats grey, looks colours up, lays RGBA over white and leaves RGB alone", () => {
  const colours = (image: Image) => {
    const { width, height, channels, data } = toRgb(image);
    assert.deepEqual([width, height, channels], [2, 1, 3]);
    return [...data];
  };
  const image = { width: 2, height: 1 };
  const grey = Uint8Array.of(1, 0);
  assert.deepEqual(colours({ ...image, channels: 1, data: grey }), [1, 1, 1, 0, 0, 0]);
  const palette = [[7, 8, 9], [1, 2, 3]] as const;
  assert.deepEqual(colours({ ...image, channels: 1, data: grey, palette }), [1, 2, 3, 7, 8, 9]);
  const rgba = Uint8Array.of(10, 20, 30, 255, 0, 100, 255, 51);
  assert.deepEqual(colours({ ...image, channels: 4, data: rgba }), [10, 20, 30, 204, 224, 255]);
  const rgb: Image = { ...image, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  assert.equal(toRgb(rgb), rgb);
});

Deno.test("checkImage refuses, in one line, pixels that do not fill the image", () => {
  const image: Image = { width: 2, height: 1, channels: 3, data: new Uint8Array(6) };
  checkImage(image);
  const invalid = refusal(/^Invalid image of .* pixels, \d channels and \d bytes: wanted [^\n]*$/);
  const channels = 2 as 3;
  for (
    const wrong of [{ width: 3 }, { height: 0 }, { width: 0.5 }, { channels: 4 }, { channels }]
  ) {
    assert.throws(() => checkImage({ ...image, ...wrong } as Image), invalid);
  }
  assert.throws(() => checkImage({ ...image, data: new Uint8Array(5) }), invalid);
});

Deno.test("checkImage refuses, in one line, indices without a colour", () => {
  const image: Image = { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 1) };
  checkImage({ ...image, palette: [[0, 0, 0], [1, 1, 1]] });
  const invalid = refusal(/^Invalid image with a palette of \d+ colours: wanted [^\n]*$/);
  const colour = [0, 0, 0] as const;
  assert.throws(() => checkImage({ ...image, palette: [colour] }), invalid);
  assert.throws(() => checkImage({ ...image, palette: Array(257).fill(colour) }), invalid);
  const data = new Uint8Array(6);
  assert.throws(() => checkImage({ ...image, channels: 3, data, palette: [colour] }), invalid);
});

Deno.test("checkAlpha refuses, in one line, a mask of another size", () => {
  checkAlpha({ width: 2, height: 3 }, new Float32Array(6));
  assert.throws(
    () => checkAlpha({ width: 2, height: 3 }, new Float32Array(5)),
    refusal(/^Invalid mask of 5 numbers for 2×3 pixels: wanted one per pixel$/),
  );
});
