import assert from "node:assert/strict";
import { readJpeg } from "./jpeg.ts";
import { toSrgb } from "./colour_profile.ts";

const REPORTS = new URL("../../tests/fixtures/images/reports/", import.meta.url);
const profile = readJpeg(Deno.readFileSync(new URL("adobergb.jpg", REPORTS))).profile!;
const pixels = (length: number) => Uint8Array.from({ length }, (_, i) => 37 * i % 256);

Deno.test("toSrgb converts Adobe RGB: primaries leave the cube and are clipped", async () => {
  const data = Uint8Array.of(0, 0, 0, 255, 255, 255, 128, 128, 128, 0, 255, 0, 255, 0, 0);
  const rgb = await toSrgb({ space: "rgb", data }, profile);
  const wanted = [0, 0, 0, 255, 255, 255, 128, 128, 128, 0, 255, 0, 255, 0, 0];
  rgb!.forEach((value, i) => assert(Math.abs(value - wanted[i]) <= 1, `${i}: ${value}`));
  const green = await toSrgb({ space: "rgb", data: Uint8Array.of(100, 180, 90) }, profile);
  assert(green![0] < 90 && green![1] >= 180, `${green}`);
});

Deno.test("toSrgb gives the same bytes, whole or in parts", async () => {
  const data = pixels(3 * (2 ** 20 + 5));
  const whole = await toSrgb({ space: "rgb", data }, profile);
  const tail = await toSrgb({ space: "rgb", data: data.subarray(3 * 2 ** 20) }, profile);
  assert.deepEqual(whole!.subarray(3 * 2 ** 20), tail);
});

Deno.test("toSrgb refuses a damaged profile, or one of another colour space", async () => {
  assert.equal(await toSrgb({ space: "grey", data: pixels(4) }, profile), undefined);
  assert.equal(await toSrgb({ space: "cmyk", data: pixels(4) }, profile), undefined);
  for (let length = 0; length < profile.length; length += 7) {
    const cut = profile.subarray(0, length);
    assert.equal(
      await toSrgb({ space: "rgb", data: pixels(3) }, cut),
      undefined,
      `${length} bytes`,
    );
  }
  assert.equal(await toSrgb({ space: "rgb", data: pixels(3) }, pixels(500)), undefined);
});

Deno.test("toSrgb prints nothing about tags that it does not know", async () => {
  const odd = profile.slice();
  const view = new DataView(odd.buffer, odd.byteOffset);
  // The type of each tag's data becomes one that does not exist.
  for (let k = 0; k < view.getUint32(128); k++) {
    view.setUint32(view.getUint32(136 + 12 * k), 0x3f3f3f3f);
  }
  const printed: unknown[] = [];
  const { warn } = console;
  console.warn = (...words) => printed.push(words);
  try {
    assert.equal(await toSrgb({ space: "rgb", data: pixels(3) }, odd), undefined);
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(printed, []);
});
