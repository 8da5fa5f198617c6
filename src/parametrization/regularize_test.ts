import assert from "node:assert/strict";
import { regularize } from "./regularize.ts";

Deno.test("regularize adds λ to the first count elements", () => {
  const cotangent = new Float32Array([1, -2, 3]);
  regularize.twin({ cotangent }, { count: 2, lambda: 0.25 });
  assert.deepEqual([...cotangent], [1.25, -1.75, 3]);
});
