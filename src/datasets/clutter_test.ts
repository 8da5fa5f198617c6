import assert from "node:assert/strict";
import { uniformAt } from "../backend/random.ts";
import { paintClutter } from "./clutter.ts";

function clutter(size: number, seed: number): Float32Array {
  const rgb = new Float32Array(3 * size * size).fill(-1);
  let n = 0;
  paintClutter(rgb, size, () => uniformAt(seed, 0, 0, n++));
  return rgb;
}

/** How many colours there are, the ground's among them. */
function colours(rgb: Float32Array): number {
  const found = new Set<string>();
  for (let i = 0; i < rgb.length; i += 3) found.add(rgb.subarray(i, i + 3).join());
  return found.size;
}

Deno.test("clutter is a dozen things and more, on much of the ground and not on all", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const rgb = clutter(128, seed);
    assert.ok(colours(rgb) > 8 && colours(rgb) <= 36, String(colours(rgb)));
    const free = rgb.filter((value) => value === -1).length / rgb.length;
    assert.ok(free > 0.15 && free < 0.9, `seed ${seed}: ${free}`);
  }
});

Deno.test("clutter is the same at every size", () => {
  const [small, large] = [clutter(64, 1), clutter(192, 1)];
  // Pixels of a third of the size have their centres where the larger ones have.
  let different = 0;
  for (let i = 0; i < 64 * 64; i++) {
    const at = (3 * Math.floor(i / 64) + 1) * 192 + 3 * (i % 64) + 1;
    if (small[3 * i] !== large[3 * at]) different++;
  }
  assert.equal(different, 0);
});
