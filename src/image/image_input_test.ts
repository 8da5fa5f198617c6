import assert from "node:assert/strict";
import type { Image } from "./image.ts";
import { imageInput } from "./image_input.ts";

Deno.test("imageInput normalises each channel", () => {
  const white: Image = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 255, 255) };
  const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.25] };
  assert.deepEqual([...imageInput(white, 1, 1, half)], [1, 1, 2]);
});
