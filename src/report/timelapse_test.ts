import assert from "node:assert/strict";
import { gifFrames } from "../../tests/gif_frames.ts";
import type { Image } from "../image/image.ts";
import { createTimelapse, generateFilm, segmentFilm } from "./timelapse.ts";

const flat = (width: number, height: number, value: number): Image => ({
  width,
  height,
  channels: 3,
  data: new Uint8Array(3 * width * height).fill(value),
});

Deno.test("each result has a film of its own, whose last frame stays", async () => {
  const timelapse = createTimelapse();
  for (const value of [0, 100, 200]) {
    await timelapse.add([flat(4, 3, value), flat(2, 2, 255 - value)]);
  }
  const [first, second] = await Promise.all(timelapse.finish().map(gifFrames));
  for (const frames of [first, second]) {
    assert.deepEqual(frames.map(({ delay }) => delay), [8, 8, 200]);
  }
  assert.deepEqual([first[0].width, first[0].height, second[0].width], [4, 3, 2]);
  [0, 100, 200].forEach((value, k) => {
    assert(Math.abs(first[k].buffer[0] - value) <= 8);
    assert(Math.abs(second[k].buffer[0] - (255 - value)) <= 8);
  });
});

Deno.test("nothing filmed is no film", () => {
  assert.deepEqual(createTimelapse().finish(), []);
});

Deno.test("a large image is filmed small, in its own shape, with the mask where it is", async () => {
  const timelapse = createTimelapse();
  const film = segmentFilm(timelapse, flat(1600, 400, 128), { square: "scale", threshold: 0.5 });
  // The left half of a mask of 2 × 2 pixels.
  await film({ iteration: 0, alphaSize: 2, alphas: [Float32Array.of(1, 0, 1, 0)] });
  const [[frame]] = await Promise.all(timelapse.finish().map(gifFrames));
  assert.deepEqual([frame.width, frame.height], [512, 128]);
  const at = (x: number) => [...frame.buffer.subarray(4 * (64 * 512 + x)).subarray(0, 3)];
  const [red, green] = at(20);
  assert(red > green + 40, `tinted: ${at(20)}`);
  assert(at(490).every((value) => Math.abs(value - 128) <= 8), `plain: ${at(490)}`);
});

Deno.test("images with transparency are filmed over a checkerboard", async () => {
  const timelapse = createTimelapse();
  const layer = { image: flat(16, 16, 0), alpha: new Float32Array(256).fill(1, 128) };
  await generateFilm(timelapse)({ iteration: 0, layers: [layer] });
  const [[{ buffer }]] = await Promise.all(timelapse.finish().map(gifFrames));
  const grey = (x: number, y: number) => buffer[4 * (16 * y + x)];
  for (const [x, y, wanted] of [[0, 0, 255], [2, 0, 204], [0, 2, 204], [0, 15, 0]]) {
    assert(Math.abs(grey(x, y) - wanted) <= 8, `${x}, ${y}: ${grey(x, y)}, wanted ${wanted}`);
  }
});
