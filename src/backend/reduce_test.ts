import assert from "node:assert/strict";
import { sum } from "./reduce.ts";
import { normal } from "./random.ts";

Deno.test("sum adds up every plane by itself", () => {
  const planes = 3, count = 1000;
  const x = new Float32Array(planes * count).map((_, i) => i % 7 - Math.floor(i / count));
  const result = new Float32Array(planes);
  sum.twin({ x, result }, { planes, count });
  // Small integers, so exact in any order.
  const exact = Array.from(
    result,
    (_, p) => x.subarray(p * count, (p + 1) * count).reduce((a, b) => a + b),
  );
  assert.deepEqual([...result], exact);
});

Deno.test("sum of many numbers keeps its precision", () => {
  const count = 1 << 18;
  const x = new Float32Array(count);
  normal.twin({ result: x }, { count, seed: 5, stream: 0, counter: 0 });
  const result = new Float32Array(1);
  sum.twin({ x, result }, { planes: 1, count });
  const exact = x.reduce((total, value) => total + value, 0);
  const magnitude = x.reduce((total, value) => total + Math.abs(value), 0);
  assert.ok(Math.abs(result[0] - exact) < 1e-7 * magnitude, `${result[0]}, exactly ${exact}`);
});

Deno.test("sum of an empty plane is zero", () => {
  const result = new Float32Array([7]);
  sum.twin({ x: new Float32Array(0), result }, { planes: 1, count: 0 });
  assert.equal(result[0], 0);
});
