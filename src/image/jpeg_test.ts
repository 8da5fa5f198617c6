import assert from "node:assert/strict";
import { readJpeg, UnsupportedJpeg } from "./jpeg.ts";

const IMAGES = new URL("../../tests/fixtures/images/", import.meta.url);
const file = (name: string) => Deno.readFileSync(new URL(name, IMAGES));

/** Position of the frame header's marker in a JPEG. */
function frameOf(jpeg: Uint8Array): number {
  return jpeg.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc2].includes(jpeg[at + 1]));
}

Deno.test("readJpeg reads size, colours and orientation", () => {
  const { width, height, colours, orientation, profile } = readJpeg(file("orientation-6.jpg"));
  assert.deepEqual([width, height, colours, orientation], [16, 24, "ycc", 6]);
  assert.equal(profile, undefined);
  assert.equal(readJpeg(file("grey.jpg")).colours, "grey");
  assert.equal(readJpeg(file("cmyk.jpg")).colours, "cmyk");
});

Deno.test("a normalized JPEG normalizes to itself", () => {
  for (
    const name of ["rgb.jpg", "progressive.jpg", "restart.jpg", "cmyk.jpg", "orientation-3.jpg"]
  ) {
    const { normalized } = readJpeg(file(name));
    assert.deepEqual(readJpeg(normalized).normalized, normalized, name);
  }
});

Deno.test("a coding that cannot be read is refused by its name", () => {
  const refused = (bytes: Uint8Array, kind: string) =>
    assert.throws(
      () => readJpeg(bytes),
      (error) => error instanceof UnsupportedJpeg && error.kind === kind,
    );
  refused(file("reports/arith.jpg"), "arithmetic-coded JPEG");
  refused(file("reports/real-12bit.jpg"), "12-bit JPEG");
  const codings: [marker: number, kind: string][] = [
    [0xc3, "lossless JPEG"],
    [0xc5, "hierarchical JPEG"],
    [0xc6, "hierarchical JPEG"],
    [0xc7, "hierarchical JPEG"],
    [0xc9, "arithmetic-coded JPEG"],
    [0xca, "arithmetic-coded JPEG"],
    [0xcb, "arithmetic-coded JPEG"],
    [0xce, "hierarchical JPEG"],
    [0xf7, "JPEG-LS"],
  ];
  for (const [marker, kind] of codings) {
    const bytes = file("rgb.jpg");
    bytes[frameOf(bytes) + 1] = marker;
    refused(bytes, kind);
  }
  for (const components of [2, 5]) {
    const [start, rest] = [file("rgb.jpg"), frameOf(file("rgb.jpg"))];
    const frame = [0xff, 0xc0, 0, 8 + 3 * components, 8, 0, 16, 0, 24, components];
    const bytes = Uint8Array.of(
      ...start.subarray(0, rest),
      ...frame,
      ...new Uint8Array(3 * components),
    );
    refused(bytes, `JPEG of ${components} components`);
  }
});

Deno.test("a height that stands after the first scan goes into the frame header", () => {
  const plain = file("rgb.jpg");
  const frame = frameOf(plain);
  const height = plain.subarray(frame + 5, frame + 7);
  const late = plain.slice();
  late.set([0, 0], frame + 5);
  const told = Uint8Array.of(...late.subarray(0, -2), 0xff, 0xdc, 0, 4, ...height, 0xff, 0xd9);
  assert.equal(readJpeg(told).height, 16);
  assert.deepEqual(readJpeg(told).normalized, readJpeg(plain).normalized);
});

Deno.test("a profile counts if all of its parts are there, in any order", () => {
  const part = (number: number, count: number, ...data: number[]) => {
    const name = new TextEncoder().encode("ICC_PROFILE\0");
    return [0xff, 0xe2, 0, 2 + name.length + 2 + data.length, ...name, number, count, ...data];
  };
  const profile = (...parts: number[][]) => {
    const plain = file("rgb.jpg");
    const bytes = Uint8Array.of(...plain.subarray(0, 2), ...parts.flat(), ...plain.subarray(2));
    const read = readJpeg(bytes).profile;
    return read && [...read];
  };
  assert.deepEqual(profile(part(2, 2, 30, 40), part(1, 2, 10, 20)), [10, 20, 30, 40]);
  assert.equal(profile(part(1, 2, 10, 20)), undefined);
  assert.equal(profile(part(1, 0, 10)), undefined);
});

Deno.test("a cut application segment is left out, any other is damage", () => {
  const cut = Uint8Array.of(...file("rgb.jpg").subarray(0, 2), 0xff, 0xe1, 0xff, 0xff, 1, 2, 3);
  assert.throws(() => readJpeg(cut), /no frame header/);
  const bytes = file("rgb.jpg");
  assert.throws(() => readJpeg(bytes.subarray(0, frameOf(bytes) + 6)), /cut/);
});
