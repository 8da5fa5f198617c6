import assert from "node:assert/strict";
import { rgba } from "./rgba.ts";

Deno.test("colours are kept whatever α is, and α is rounded", () => {
  const data = Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80, 90);
  const pixels = rgba({ width: 3, height: 1, data }, Float32Array.of(0, 0.5, 1));
  assert.deepEqual([...pixels], [10, 20, 30, 0, 40, 50, 60, 128, 70, 80, 90, 255]);
});
