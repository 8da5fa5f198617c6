import assert from "node:assert/strict";
import { meanEmbeddings } from "./mean_embeddings.ts";

Deno.test("meanEmbeddings averages each label's prompts and leaves the empty prompt alone", () => {
  const data = Float32Array.of(9, -9, 1, 2, 3, 4, 5, 8, 7, 7);
  const { data: means, shape } = meanEmbeddings({ data, shape: [5, 1, 2] }, [3, 1]);
  assert.deepEqual(shape, [3, 1, 2]);
  assert.deepEqual([...means], [9, -9, 3, Math.fround(14 / 3), 7, 7]);
});

Deno.test("the mean of one prompt, or of equal ones, is that prompt to the last bit", () => {
  const data = Float32Array.of(0, 0.1, 0.7, 0.7, 0.7);
  const { data: means } = meanEmbeddings({ data, shape: [5, 1, 1] }, [1, 3]);
  assert.deepEqual(means, Float32Array.of(0, 0.1, 0.7));
});
