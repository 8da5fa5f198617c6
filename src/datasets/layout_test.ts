import assert from "node:assert/strict";
import { randomChoices } from "./random_choices.ts";
import { placeAlone, placeApart, placeMeeting, type Placement, placeThree } from "./layout.ts";
import { spread } from "./turn.ts";

const seeds = Array.from({ length: 300 }, (_, seed) => seed);
const reach = ({ scale, rotation }: Placement) => scale * spread(rotation) / 2;
const inside = (placement: Placement) =>
  [placement.x, placement.y].every((v) =>
    v - reach(placement) > -1e-9 && v + reach(placement) < 1 + 1e-9
  );
/** Overlap of two upright squares, along the axis on which they overlap least. */
const depth = (a: Placement, b: Placement, half: (p: Placement) => number) =>
  half(a) + half(b) - Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

Deno.test("one object is anywhere in the image, turned by ten degrees at most", () => {
  const placements = seeds.map((seed) => placeAlone([0.4, 0.7], randomChoices(seed, 0, 0)));
  for (const placement of placements) {
    assert.ok(inside(placement));
    assert.ok(placement.scale >= 0.4 && placement.scale < 0.7);
    assert.ok(Math.abs(placement.rotation) <= 10);
  }
  assert.ok(Math.max(...placements.map(({ x }) => x)) > 0.7);
  assert.ok(Math.min(...placements.map(({ y }) => y)) < 0.3);
});

for (const [name, place] of Object.entries({ placeApart, placeMeeting, placeThree })) {
  Deno.test(`${name} puts the first object on the side it says, the second on the other`, () => {
    const sides = new Set(seeds.map((seed) => {
      const { placements: [a, b], side } = place(randomChoices(seed, 0, 0));
      const before = side === "left" || side === "right" ? a.x - b.x : a.y - b.y;
      assert.ok(side === "left" || side === "top" ? before < -0.1 : before > 0.1);
      return side;
    }));
    assert.equal(sides.size, 4);
  });
}

Deno.test("placeApart and placeThree keep objects inside and apart", () => {
  for (const seed of seeds) {
    for (
      const { placements } of [placeApart, placeThree].map((p) => p(randomChoices(seed, 0, 0)))
    ) {
      placements.forEach((a, i) => {
        assert.ok(inside(a));
        for (const b of placements.slice(0, i)) assert.ok(depth(a, b, reach) < 1e-9);
      });
    }
  }
});

Deno.test("placeMeeting makes squares meet, but leaves most of each free", () => {
  for (const seed of seeds) {
    const { placements: [a, b] } = placeMeeting(randomChoices(seed, 0, 0));
    const common = depth(a, b, ({ scale }) => scale / 2);
    assert.ok(common > 0 && common < Math.min(a.scale, b.scale) / 3, String(common));
    assert.ok(inside({ ...a, rotation: 0 }) && inside({ ...b, rotation: 0 }));
  }
});
