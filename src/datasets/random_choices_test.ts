import assert from "node:assert/strict";
import fc from "../../tests/fast_check.ts";
import { randomChoices } from "./random_choices.ts";

Deno.test("random choices depend on seed, stream and counter, each", () => {
  const first = (seed: number, stream: number, counter: number) =>
    randomChoices(seed, stream, counter).between(0, 1);
  assert.equal(first(1, 2, 3), first(1, 2, 3));
  assert.equal(new Set([first(1, 2, 3), first(0, 2, 3), first(1, 0, 3), first(1, 2, 0)]).size, 4);
});

Deno.test("between, pick and chance keep to what they are given", () => {
  fc.assert(fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, p) => {
    const random = randomChoices(seed, 0, 0);
    const value = random.between(-3, -1);
    assert.ok(value >= -3 && value < -1);
    assert.ok(["a", "b", "c"].includes(random.pick(["a", "b", "c"])));
    assert.equal(random.chance(0), false);
    assert.equal(random.chance(1), true);
    const often = Array.from({ length: 400 }, () => random.chance(p)).filter(Boolean).length / 400;
    assert.ok(Math.abs(often - p) < 0.2, `${often} of ${p}`);
  }));
});

Deno.test("shuffle gives every order, about as often as any other", () => {
  const counts = new Map<string, number>();
  const random = randomChoices(1, 0, 0);
  for (let i = 0; i < 1200; i++) {
    const order = random.shuffle([1, 2, 3]).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const [order, count] of counts) {
    assert.ok(Math.abs(count - 200) < 60, `${order}: ${count}`);
  }
});
