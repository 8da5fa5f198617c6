import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { fromSquare, SQUARE_MODES, type SquareMode, toSquare } from "./geometry.ts";
import type { Image } from "./image.ts";

const mode = fc.constantFrom(...SQUARE_MODES);
const side = fc.integer({ min: 1, max: 40 });

function flat(width: number, height: number, rgb: number[]): Image {
  return {
    width,
    height,
    channels: 3,
    data: Uint8Array.from({ length: 3 * width * height }, (_, i) => rgb[i % 3]),
  };
}

Deno.test("toSquare of an image that fits is the image, planar, in 0..1", () => {
  const data = Uint8Array.from({ length: 48 }, (_, i) => 5 * i);
  for (const mode of SQUARE_MODES) {
    const planes = toSquare({ width: 4, height: 4, channels: 3, data }, 4, mode);
    const expected = Float32Array.from(
      data,
      (_, i) => data[3 * (i % 16) + Math.floor(i / 16)] / 255,
    );
    assert.deepEqual(planes, expected);
  }
});

Deno.test("toSquare crops the centre, stretches the whole, or pads with mid-grey", () => {
  // Six columns: red, red, green, green, blue, blue.
  const columns = [[255, 0, 0], [0, 255, 0], [0, 0, 255]].flatMap((rgb) => [rgb, rgb]);
  const data = Uint8Array.from([...columns, ...columns].flat());
  const wide: Image = { width: 6, height: 2, channels: 3, data };
  const plane = (
    mode: SquareMode,
    channel: number,
    size: number,
  ) => [...toSquare(wide, size, mode).subarray(channel * size * size, (channel + 1) * size * size)];

  assert.deepEqual(plane("crop", 1, 2), [1, 1, 1, 1]);
  assert.deepEqual(plane("crop", 0, 2), [0, 0, 0, 0]);
  const stretched = plane("scale", 0, 3);
  assert.ok(stretched[0] > 0.7 && stretched[1] < 0.3 && stretched[2] === 0, String(stretched));
  const padded = plane("pad", 2, 6);
  assert.deepEqual(padded.slice(0, 12), Array(12).fill(0.5));
  assert.deepEqual(padded.slice(12, 18), [0, 0, 0, 0, 1, 1]);
  assert.deepEqual(padded.slice(24), Array(12).fill(0.5));
});

Deno.test("toSquare and fromSquare accept every shape, even one pixel wide", () => {
  fc.assert(fc.property(side, side, side, mode, (width, height, size, mode) => {
    const planes = toSquare(flat(width, height, [255, 255, 255]), size, mode);
    assert.equal(planes.length, 3 * size * size);
    for (const value of planes) assert.ok(value === 1 || mode === "pad" && value === 0.5);
    const mask = fromSquare(new Float32Array(size * size).fill(1), size, { width, height }, mode);
    assert.equal(mask.length, width * height);
    for (const value of mask) assert.ok(value === 1 || mode === "crop" && value === 0);
  }));
});

Deno.test("crop's mask is 0 outside the centred square and nowhere else", () => {
  fc.assert(fc.property(side, side, side, (width, height, size) => {
    const mask = fromSquare(new Float32Array(size * size).fill(1), size, { width, height }, "crop");
    const inside = mask.filter((value) => value === 1).length;
    assert.equal(inside, Math.min(width, height) ** 2);
    const centre = Math.floor((height - 1) / 2) * width + Math.floor((width - 1) / 2);
    assert.equal(mask[centre], 1);
  }));
});

/** A smooth blob in an image, as its red channel and as the mask wanted back. */
function blob(width: number, height: number): { image: Image; mask: Float32Array } {
  const mask = Float32Array.from({ length: width * height }, (_, i) => {
    const x = (i % width + 0.5) / width - 0.5;
    const y = (Math.floor(i / width) + 0.5) / height - 0.5;
    return Math.exp(-6 * (x * x + y * y));
  });
  const data = Uint8Array.from(
    { length: 3 * mask.length },
    (_, i) => 255 * mask[Math.floor(i / 3)],
  );
  const image: Image = { width, height, channels: 3, data };
  return { image, mask };
}

Deno.test("fromSquare brings a mask back to where toSquare took it from", () => {
  const size = 32;
  const shape = fc.integer({ min: 48, max: 96 });
  fc.assert(
    fc.property(shape, shape, mode, (width, height, mode) => {
      const { image, mask } = blob(width, height);
      const red = toSquare(image, size, mode).subarray(0, size * size);
      const back = fromSquare(red, size, image, mode);
      const margin = mode === "crop" ? Math.abs(width - height) / 2 + 2 : 0;
      const [dx, dy] = width > height ? [margin, 0] : [0, margin];
      for (let y = Math.ceil(dy); y < height - dy; y++) {
        for (let x = Math.ceil(dx); x < width - dx; x++) {
          const error = Math.abs(back[y * width + x] - mask[y * width + x]);
          assert.ok(error < 0.06, `${mode} ${width}×${height} at ${x},${y}: ${error}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("fromSquare enlarges bilinearly with half-pixel centres", () => {
  const mask = fromSquare(Float32Array.of(0, 1, 0, 1), 2, { width: 4, height: 4 }, "scale");
  assert.deepEqual([...mask.subarray(0, 4)], [0, 0.25, 0.75, 1]);
});
