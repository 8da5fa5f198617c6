import assert from "node:assert/strict";
import { fromPlanes } from "./from_planes.ts";
import { toSquare } from "./geometry.ts";

Deno.test("fromPlanes undoes toSquare", () => {
  const data = Uint8Array.from({ length: 3 * 256 }, (_, i) => (7 * i) % 256);
  const image = { width: 16, height: 16, data };
  assert.deepEqual(fromPlanes(toSquare(image, 16, "scale"), 16, 16), image);
});

Deno.test("fromPlanes cuts what is out of range", () => {
  const { data } = fromPlanes(Float32Array.of(-0.5, 2, 1, 0, 0.498, 0.502), 1, 2);
  assert.deepEqual([...data], [0, 255, 127, 255, 0, 128]);
});
