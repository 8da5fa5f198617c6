import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { exifOrientation } from "./exif.ts";

/** TIFF data with one entry, whose directory lies at `at`. */
function tiff(
  { little = false, at = 8, tag = 0x0112, type = 3, value = 6 }: {
    little?: boolean;
    at?: number;
    tag?: number;
    type?: number;
    value?: number;
  },
): Uint8Array {
  const data = new Uint8Array(at + 18);
  const view = new DataView(data.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, at, little);
  view.setUint16(at, 1, little);
  view.setUint16(at + 2, tag, little);
  view.setUint16(at + 4, type, little);
  view.setUint32(at + 6, 1, little);
  if (type === 4) view.setUint32(at + 10, value, little);
  else if (type === 3) view.setUint16(at + 10, value, little);
  else view.setUint8(at + 10, value);
  return data;
}

Deno.test("exifOrientation finds the directory anywhere, in either byte order and three types", () => {
  for (const little of [false, true]) {
    for (const at of [8, 9, 26, 300]) {
      for (const type of [1, 3, 4]) {
        for (let value = 1; value <= 8; value++) {
          assert.equal(exifOrientation(tiff({ little, at, type, value })), value);
        }
      }
    }
  }
});

Deno.test("exifOrientation takes what is broken, or says nothing, as upright", () => {
  for (const value of [0, 9, 65535]) assert.equal(exifOrientation(tiff({ value })), 1);
  assert.equal(exifOrientation(tiff({ tag: 0x0110 })), 1);
  assert.equal(exifOrientation(tiff({ type: 5 })), 1);
  const whole = tiff({ at: 20 });
  for (let length = 0; length < 31; length++) {
    assert.equal(exifOrientation(whole.subarray(0, length)), 1, `${length} bytes`);
  }
});

Deno.test("exifOrientation gives 1 to 8 for any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, signed) => {
    if (signed) bytes.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8].slice(0, bytes.length));
    const orientation = exifOrientation(bytes);
    assert(orientation >= 1 && orientation <= 8);
  }));
});
