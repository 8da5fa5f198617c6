import assert from "node:assert/strict";
import { addNoise } from "./noise.ts";

Deno.test("addNoise mixes the same noise into every prompt's latents, twice", () => {
  const result = new Float32Array(8);
  addNoise.twin(
    { latents: new Float32Array([4, 8, -4, 0]), noise: new Float32Array([1, -2]), result },
    { planes: 2, count: 2, signal: 0.75, sigma: 0.5 },
  );
  assert.deepEqual([...result], [3.5, 5, -2.5, -1, 3.5, 5, -2.5, -1]);
});
