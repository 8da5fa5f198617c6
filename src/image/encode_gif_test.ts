import assert from "node:assert/strict";
import { gifFrames } from "../../tests/gif_frames.ts";
import { openGif } from "./encode_gif.ts";
import type { Image } from "./image.ts";

/** An image of few colours, which a palette holds as they are but for their last bits. */
const stripes = (width: number, height: number, shift: number): Image => {
  const colours = [[248, 0, 0], [0, 252, 0], [0, 0, 248], [248, 252, 248]];
  const data = Uint8Array.from(
    Array.from({ length: width * height }, (_, i) => colours[(i + shift) % 4]).flat(),
  );
  return { width, height, channels: 3, data };
};

Deno.test("an animated GIF holds its images, as another decoder reads them", async () => {
  const gif = await openGif();
  const images = [stripes(7, 5, 0), stripes(7, 5, 1), stripes(7, 5, 2)];
  images.forEach((image, k) => gif.add(image, 100 * (k + 1)));
  const bytes = gif.finish();
  const frames = await gifFrames(bytes);
  assert.equal(frames.length, 3);
  frames.forEach(({ width, height, buffer }, k) => {
    assert.deepEqual([width, height], [7, 5]);
    const { data } = images[k];
    for (let i = 0; i < data.length; i++) {
      const value = buffer[4 * Math.floor(i / 3) + i % 3];
      assert(Math.abs(value - data[i]) <= 8, `frame ${k}, ${i}: ${value}, wanted ${data[i]}`);
    }
  });
  // It repeats for ever, and each image has its own delay, in hundredths of a second.
  assert.deepEqual(frames.map(({ delay }) => delay), [10, 20, 30]);
  const forEver = String.fromCharCode(0x21, 0xff, 11) + "NETSCAPE2.0" +
    String.fromCharCode(3, 1, 0, 0, 0);
  assert(String.fromCharCode(...bytes).includes(forEver));
});

Deno.test("an image of more colours than a palette has keeps them nearly", async () => {
  const [width, height] = [48, 48];
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    data.set([5 * (i % width), 5 * Math.floor(i / width), 128], 3 * i);
  }
  const gif = await openGif();
  gif.add({ width, height, channels: 3, data }, 80);
  const [{ buffer }] = await gifFrames(gif.finish());
  let error = 0;
  for (let i = 0; i < data.length; i++) {
    error += Math.abs(buffer[4 * Math.floor(i / 3) + i % 3] - data[i]) / data.length;
  }
  assert(error < 10, `mean error ${error}`);
});

Deno.test("the same images give the same bytes", async () => {
  const once = async () => {
    const gif = await openGif();
    for (const shift of [0, 1]) gif.add(stripes(16, 16, shift), 80);
    return gif.finish();
  };
  assert.deepEqual(await once(), await once());
});
