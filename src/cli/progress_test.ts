import assert from "node:assert/strict";
import { RateMeter } from "./progress.ts";

Deno.test("RateMeter knows no rate before a second has passed", () => {
  const meter = new RateMeter();
  assert.equal(meter.rate, undefined);
  meter.add(5, 100);
  meter.add(1004, 200);
  assert.deepEqual([meter.rate, meter.left(10)], [undefined, undefined]);
  meter.add(1005, 300);
  assert.equal(meter.rate, 200);
});

Deno.test("RateMeter forgets what is more than ten seconds ago", () => {
  const meter = new RateMeter();
  for (let second = 0; second <= 10; second++) meter.add(1000 * second, 100 * second);
  assert.equal(meter.rate, 100);
  for (let second = 11; second <= 21; second++) meter.add(1000 * second, 1000 + 5 * (second - 10));
  assert.equal(meter.rate, 5);
  assert.equal(meter.left(50), 10);
});

Deno.test("RateMeter starts again when what is done does", () => {
  const meter = new RateMeter();
  meter.add(0, 0);
  meter.add(1000, 900);
  meter.add(2000, 0);
  assert.equal(meter.rate, undefined);
  meter.add(3000, 10);
  assert.equal(meter.rate, 10);
});

Deno.test("RateMeter says nothing of the time left while nothing moves", () => {
  const meter = new RateMeter();
  meter.add(0, 7);
  meter.add(1000, 7);
  assert.equal(meter.left(1), undefined);
});
