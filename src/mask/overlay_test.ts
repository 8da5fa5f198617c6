import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import type { Image } from "../image/image.ts";
import { overCheckerboard, overlay } from "./overlay.ts";

const GREY = 100;

function grey(width: number, height: number): Image {
  return { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(GREY) };
}

/** One letter per pixel: tinted, light line, dark line, or `.` for the image as it was. */
function drawing({ data: rgb, width }: Image): string[] {
  const letters = Array.from({ length: rgb.length / 3 }, (_, i) => {
    const [r, g, b] = rgb.subarray(3 * i, 3 * i + 3);
    if (r === GREY && g === GREY && b === GREY) return ".";
    if (r === 255 && g === 255 && b === 255) return "o";
    return r < GREY ? "#" : "T";
  });
  return Array.from(
    { length: letters.length / width },
    (_, y) => letters.slice(y * width, (y + 1) * width).join(""),
  );
}

Deno.test("overlay tints the masked area and draws two lines around it", () => {
  const alpha = new Float32Array(9 * 8);
  alpha.fill(1, 3 * 9 + 3, 3 * 9 + 5);
  alpha[4 * 9 + 3] = 0.5;
  assert.deepEqual(drawing(overlay(grey(9, 8), alpha)), [
    ".........",
    ".######..",
    ".#oooo#..",
    ".#oTTo#..",
    ".#oToo#..",
    ".#ooo##..",
    ".#####...",
    ".........",
  ]);
});

Deno.test("overlay cuts the lines off at the image's border", () => {
  assert.deepEqual(drawing(overlay(grey(4, 3), Float32Array.of(1, ...Array(11).fill(0)), 0.5)), [
    "To#.",
    "oo#.",
    "###.",
  ]);
});

Deno.test("overlay leaves an image without a mask, and the image given, as they were", () => {
  const image = grey(3, 3);
  assert.deepEqual(overlay(image, new Float32Array(9), 0.5), image);
  overlay(image, new Float32Array(9).fill(1), 0.5);
  assert.ok(image.data.every((value) => value === GREY));
});

Deno.test("overlay draws thicker lines on larger images", () => {
  const alpha = new Float32Array(600 * 600);
  for (let y = 0; y < 600; y++) alpha.fill(1, y * 600, y * 600 + 300);
  const row = drawing(overlay(grey(600, 600), alpha, 0.5))[0];
  assert.match(row, /^T{300}o{3}#{3}\.{294}$/);
});

Deno.test("an opaque image hides the checkerboard", () => {
  const { data } = overCheckerboard(grey(16, 16), new Float32Array(256).fill(1));
  assert.deepEqual(data, grey(16, 16).data);
});

Deno.test("a clear image shows eight squares a side, in two shades that alternate", () => {
  const { data } = overCheckerboard(grey(16, 16), new Float32Array(256));
  const shade = (x: number, y: number) => data[3 * (16 * y + x)];
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      assert.equal(shade(x, y), (Math.floor(x / 2) + Math.floor(y / 2)) % 2 === 0 ? 255 : 204);
    }
  }
});

Deno.test("a half clear image lets half of the checkerboard through", () => {
  const { data } = overCheckerboard(grey(1, 1), Float32Array.of(0.5));
  assert.deepEqual([...data], [178, 178, 178]);
});

Deno.test("overlay and overCheckerboard refuse a mask of another size", () => {
  const wrong = refusal(/^Invalid mask of 5 numbers for 2×2 pixels/);
  for (const draw of [overlay, overCheckerboard]) {
    assert.throws(() => draw(grey(2, 2), new Float32Array(5)), wrong);
  }
});
