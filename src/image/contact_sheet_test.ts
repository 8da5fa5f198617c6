import assert from "node:assert/strict";
import { contactSheet } from "./contact_sheet.ts";

const flat = (value: number) => ({ width: 2, height: 1, data: new Uint8Array(6).fill(value) });

Deno.test("images stand in rows and columns, white between them and where there is none", () => {
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
