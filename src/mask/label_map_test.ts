import assert from "node:assert/strict";
import { refusal } from "../../tests/refusal.ts";
import { colormap, labelMap } from "./label_map.ts";

Deno.test("labelMap gives each pixel to the largest α, the first of equal ones", () => {
  const a = Float32Array.of(0.9, 0.6, 0.5, 0.2, 0);
  const b = Float32Array.of(0.1, 0.8, 0.5, 0.3, 0);
  const c = Float32Array.of(0.2, 0.7, 0.1, 0.5, 0.49);
  const { data, palette, coverage } = labelMap({ width: 5, height: 1 }, [a, b, c], 0.5);
  assert.deepEqual(palette, colormap(4));
  assert.deepEqual([...data], [1, 2, 1, 3, 0]);
  assert.deepEqual(coverage, [1 / 5, 2 / 5, 1 / 5, 1 / 5]);
});

Deno.test("labelMap leaves out the pixels that no mask takes, at any threshold", () => {
  const alphas = [Float32Array.of(0, 1), Float32Array.of(0, 0.9)];
  const size = { width: 1, height: 2 };
  assert.deepEqual([...labelMap(size, alphas, 1).data], [0, 1]);
  assert.deepEqual([...labelMap(size, alphas, 0).data], [1, 1]);
  assert.deepEqual(labelMap(size, alphas, 1).coverage, [0.5, 0.5, 0]);
});

Deno.test("labelMap refuses masks of another size", () => {
  assert.throws(
    () => labelMap({ width: 2, height: 2 }, [new Float32Array(4), new Float32Array(3)]),
    refusal(/^Invalid mask of 3 numbers for 2×2 pixels/),
  );
});

Deno.test("colormap is PASCAL VOC's", () => {
  const colours = colormap(256);
  // None, aeroplane, bicycle, …; then the monitor, and the undecided rim of objects.
  assert.deepEqual(colours.slice(0, 6), [
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
    [128, 128, 0],
    [0, 0, 128],
    [128, 0, 128],
  ]);
  assert.deepEqual(colours[20], [0, 64, 128]);
  assert.deepEqual(colours[255], [224, 224, 192]);
});

Deno.test("256 colours all differ", () => {
  assert.equal(new Set(colormap(256).map(String)).size, 256);
});
