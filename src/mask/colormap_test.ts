import assert from "node:assert/strict";
import { colormap } from "./colormap.ts";

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
