import assert from "node:assert/strict";
import { checkScene, type ObjectSpec, type SceneSpec } from "./scene_spec.ts";

const dog: ObjectSpec = { word: "dog", scale: 0.5, x: 0.25, y: 0.5 };
const cat: ObjectSpec = { word: "cat", scale: 0.5, x: 0.75, y: 0.5 };
const spec = (objects: ObjectSpec[], overlap?: boolean): SceneSpec => (
  { seed: 1, size: 64, ground: "plain", objects, overlap }
);

Deno.test("checkScene takes objects that touch, or reach out of the image", () => {
  checkScene(spec([dog, cat]));
  checkScene(spec([{ ...dog, x: 0, y: 1, rotation: 45 }]));
  checkScene(spec([dog, { ...cat, scale: 0.3 }, { ...dog, word: "pig", y: 0 }]));
});

Deno.test("checkScene takes objects that meet only where the spec says so", () => {
  const meeting = [dog, { ...cat, x: 0.7 }];
  checkScene(spec(meeting, true));
  assert.throws(() => checkScene(spec(meeting)), /a cat that meets a dog/);
  // A turned square's corners reach further.
  assert.throws(() => checkScene(spec([dog, { ...cat, rotation: 3 }])), RangeError);
});

Deno.test("checkScene refuses what is no scene", () => {
  const wrong: ObjectSpec[][] = [
    [],
    Array(4).fill({ ...dog, scale: 0.01 }),
    [{ ...dog, scale: 0 }],
    [{ ...dog, scale: 1.1 }],
    [{ ...dog, scale: NaN }],
    [{ ...dog, x: -0.1 }],
    [{ ...dog, y: 1.1 }],
    [{ ...dog, rotation: 46 }],
  ];
  for (const objects of wrong) assert.throws(() => checkScene(spec(objects, true)), RangeError);
});
