import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { contactSheet } from "./contact_sheet.ts";
import type { Image } from "./image.ts";

const flat = (value: number): Image => (
  { width: 2, height: 1, channels: 3, data: new Uint8Array(6).fill(value) }
);

Deno.test("images stand in rows and columns, white between them and where one is missing", () => {
  const { width, height, data } = contactSheet([[undefined, flat(1)], [flat(2), flat(3)]], 1);
  assert.deepEqual([width, height], [5, 3]);
  const reds = Array.from({ length: 15 }, (_, i) => data[3 * i]);
  assert.deepEqual(reds, [
    ...[255, 255, 255, 1, 1],
    ...[255, 255, 255, 255, 255],
    ...[2, 2, 255, 3, 3],
  ]);
});

Deno.test("without a gap they touch", () => {
  const { data } = contactSheet([[flat(1), flat(2)]], 0);
  assert.deepEqual([...data], [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
});

Deno.test("images of several sizes, or no image, make no contact sheet", () => {
  const tall: Image = { width: 1, height: 2, channels: 1, data: new Uint8Array(2) };
  assert.throws(
    () => contactSheet([[flat(1), tall]], 0),
    refusal(/^Invalid contact sheet of 2 images: .*, found 2×1, 1×2 pixels$/),
  );
  assert.throws(
    () => contactSheet([[undefined]], 0),
    refusal(/^Invalid contact sheet of 0 images/),
  );
});
