import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { iou, mean, precisionAt } from "./metrics.ts";

Deno.test("iou counts what both masks take over what either takes", () => {
  assert.equal(iou([1, 1, 1, 0, 0], [0, 1, 255, 255, 0]), 2 / 4);
  assert.equal(iou([1, 0], [0, 1]), 0);
  assert.equal(iou([1, 0], [7, 0]), 1);
});

Deno.test("iou of two empty masks is 0", () => {
  assert.equal(iou([0, 0], [0, 0]), 0);
  assert.equal(iou([], []), 0);
});

Deno.test("iou refuses masks of different images", () => {
  assert.throws(() => iou([1], [1, 1]), RangeError);
});

Deno.test("iou is symmetric, 1 only for equal masks, and does not grow with wrong pixels", () => {
  const mask = fc.uint8Array({ minLength: 30, maxLength: 30, max: 1 });
  fc.assert(fc.property(mask, mask, fc.nat({ max: 29 }), (a, b, at) => {
    const value = iou(a, b);
    assert.equal(value, iou(b, a));
    assert.equal(value === 1, a.join() === b.join() && a.includes(1));
    if (a[at] === b[at]) {
      const worse = a.slice();
      worse[at] = 1 - worse[at];
      assert.ok(iou(worse, b) <= value);
    }
  }));
});

Deno.test("precisionAt counts only what is above the threshold", () => {
  const ious = [0, 0.2, 0.4, 0.6, 0.8, 1];
  assert.deepEqual([0.2, 0.4, 0.6, 0.8].map((at) => precisionAt(at, ious)), [
    4 / 6,
    3 / 6,
    2 / 6,
    1 / 6,
  ]);
});

Deno.test("a mean of nothing is an error, not NaN", () => {
  assert.throws(() => mean([]), RangeError);
  assert.throws(() => precisionAt(0.5, []), RangeError);
});
