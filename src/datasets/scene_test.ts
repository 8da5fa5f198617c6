import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "../../tests/fast_check.ts";
import { discs } from "../../tests/discs.ts";
import { assertClose } from "../../tests/vectors.ts";
import type { Pixels } from "../image/resample.ts";
import { GROUNDS } from "./grounds.ts";
import { makeScene, recolour } from "./scene.ts";
import type { ObjectSpec, SceneSpec } from "./scene_spec.ts";

const alone: ObjectSpec[] = [{ word: "dog", scale: 0.6, x: 0.5, y: 0.5 }];
const pair: ObjectSpec[] = [
  { word: "octopus", hue: "blue", scale: 0.4, x: 0.25, y: 0.4, rotation: 7 },
  { word: "dog", scale: 0.3, x: 0.75, y: 0.5 },
];
const spec = (more: Partial<SceneSpec>): SceneSpec => ({
  seed: 1,
  size: 64,
  ground: "stripes",
  objects: alone,
  ...more,
});

const hash = (data: Uint8Array) => createHash("sha256").update(data).digest("hex").slice(0, 16);
const area = (mask: Uint8Array) => mask.filter((value) => value === 255).length / mask.length;

Deno.test("makeScene gives the same bytes on every machine", async () => {
  const hashes = await Promise.all(GROUNDS.map(async (ground) => {
    const { image, depth, objects } = await makeScene(spec({ ground, objects: pair }), discs);
    const masks = objects.flatMap(({ mask }) => [...mask]);
    return hash(Uint8Array.from([...image.data, ...masks, ...new Uint8Array(depth.buffer)]));
  }));
  assert.deepEqual(hashes, [
    "8bdee0ad29a39325",
    "90a4a4c84f0924cd",
    "03b940fc5480965f",
    "71f921623d9595ff",
    "53f590bb4c9d6f03",
    "69c00d23af0ea7e1",
  ]);
});

Deno.test("makeScene changes the ground with the seed, and nothing else", async () => {
  const [a, b] = await Promise.all([1, 2].map((seed) => makeScene(spec({ seed }), discs)));
  assert.notDeepEqual(a.image.data, b.image.data);
  assert.deepEqual(a.objects, b.objects);
});

Deno.test("makeScene's mask is where the object hides the ground", async () => {
  const { image, objects: [{ mask }] } = await makeScene(spec({ ground: "plain" }), discs);
  const plain = image.data.subarray(0, 3).join();
  mask.forEach((value, i) => {
    assert.ok(value === 0 || value === 255);
    if (value === 255) assert.notEqual(image.data.subarray(3 * i, 3 * i + 3).join(), plain);
  });
  // Three quarters of a disc of radius 7 in 16, in a glyph of 0.6 of the side.
  assert.ok(Math.abs(area(mask) - 0.75 * Math.PI * (7 / 16 * 0.6) ** 2) < 0.01, String(area(mask)));
});

Deno.test("makeScene shows the same scene at every size, turned or not", async () => {
  for (const rotation of [0, -9]) {
    const objects = [{ ...alone[0], rotation }];
    const areas = await Promise.all(
      [64, 257].map(async (size) =>
        area((await makeScene(spec({ size, objects }), discs)).objects[0].mask)
      ),
    );
    assert.ok(Math.abs(areas[0] - areas[1]) < 0.01, areas.join());
  }
});

Deno.test("makeScene's nearer objects hide farther ones, in masks and depth", async () => {
  const [far, near]: ObjectSpec[] = [
    { word: "dog", scale: 0.5, x: 0.4, y: 0.4 },
    { word: "cat", scale: 0.5, x: 0.6, y: 0.6 },
  ];
  const size = 64;
  const make = async (objects: ObjectSpec[]) =>
    await makeScene(spec({ size, objects, overlap: true }), discs);
  const [both, swapped] = [await make([far, near]), await make([near, far])];
  const [onlyFar, onlyNear] = [await make([far]), await make([near])];

  // The order of the list decides nothing.
  assert.deepEqual(both.objects, swapped.objects.toReversed());
  assert.deepEqual(both.depth, swapped.depth);
  const hidden = onlyFar.objects[0].mask.map((value, i) =>
    onlyNear.objects[0].mask[i] === 255 ? 0 : value
  );
  assert.deepEqual(both.objects[0].mask, hidden);
  assert.deepEqual(both.objects[1].mask, onlyNear.objects[0].mask);
  assert.ok(area(hidden) < area(onlyFar.objects[0].mask));

  both.depth.forEach((depth, i) => {
    const ground = 0.3 * (Math.floor(i / size) + 0.5) / size;
    const expected = both.objects[1].mask[i]
      ? 0.35 + 0.6 * 0.85
      : both.objects[0].mask[i]
      ? 0.35 + 0.6 * 0.65
      : ground;
    assert.ok(Math.abs(depth - expected) < 1e-6, `${i}: ${depth}, ${expected}`);
  });
});

Deno.test("makeScene cuts off what reaches out of the image", async () => {
  const { objects: [{ mask }] } = await makeScene(
    spec({ objects: [{ ...alone[0], x: 0, y: 1, rotation: 5 }] }),
    discs,
  );
  assert.ok(area(mask) > 0.02 && area(mask) < 0.1, String(area(mask)));
});

Deno.test("makeScene shows objects in the hue they are given, with the same mask", async () => {
  const car: ObjectSpec = { word: "car", scale: 0.9, x: 0.5, y: 0.5 };
  const red = () => {
    const data = Float32Array.from(
      { length: 4 * 64 },
      (_, i) => i % 4 === 0 || i % 4 === 3 ? 1 : 0,
    );
    return Promise.resolve({ width: 8, height: 8, channels: 4, data });
  };
  const colourOf = async (objects: ObjectSpec[]) => {
    const { image, objects: [{ mask }] } = await makeScene(spec({ objects }), red);
    return { colour: [...image.data.subarray(3 * (32 * 64 + 32)).subarray(0, 3)], mask };
  };
  const [own, green] = [await colourOf([car]), await colourOf([{ ...car, hue: "green" }])];
  assert.deepEqual(own.colour, [255, 0, 0]);
  // The car's own hue counts as 357°: green is 123° further.
  assert.deepEqual(green.colour, [0, 255, 13]);
  assert.deepEqual(own.mask, green.mask);
  await assert.rejects(colourOf([{ ...car, word: "dog", hue: "green" }]), /a word with a hue/);
});

Deno.test("makeScene paints a ground in the colour named, or in the object's at low contrast", async () => {
  const groundOf = async (more: Partial<SceneSpec>) => {
    const { image } = await makeScene(spec({ ground: "plain", ...more }), discs);
    return [...image.data.subarray(0, 3)];
  };
  const [r, g, b] = await groundOf({ colour: "blue" });
  assert.ok(b > r + 100 && b > g + 50, `${r}, ${g}, ${b}`);
  // Of a dog's disc: 0, ¾ and ¾.
  const low = await groundOf({ lowContrast: true });
  const distance = Math.hypot(low[0] / 255, low[1] / 255 - 0.75, low[2] / 255 - 0.75);
  assert.ok(distance > 0.09 && distance < 0.21, String(distance));
});

const pixels = (...rgba: number[]): Pixels => (
  { width: rgba.length / 4, height: 1, channels: 4, data: Float32Array.from(rgba) }
);

Deno.test("recolour gives what rotate_hue of the training scenes does", () => {
  const glyph = pixels(0.8, 0.2, 0.1, 1, 0.1, 0.6, 0.4, 1, 0.2, 0.5, 0.9, 1, 0.7, 0.7, 0.2, 1);
  // models/emoji/train/scenes.py on the same pixels.
  const expected = {
    215: [[0.1, 0.291667, 0.8], [0.6, 0.191667, 0.1], [0.791667, 0.9, 0.2], [0.491667, 0.2, 0.7]],
    [-90]: [[0.55, 0.1, 0.8], [0.55, 0.6, 0.1], [0.2, 0.9, 0.25], [0.7, 0.2, 0.45]],
  };
  for (const [degrees, colours] of Object.entries(expected)) {
    const wanted = colours.flatMap((rgb) => [...rgb, 1]);
    assertClose(recolour(glyph, Number(degrees)).data, wanted, 1e-5);
  }
});

Deno.test("recolour keeps value, saturation and alpha, and is undone by the opposite turn", () => {
  const channel = fc.integer({ min: 0, max: 255 }).map((v) => v / 255);
  const rgba = fc.tuple(channel, channel, channel, channel);
  fc.assert(fc.property(rgba, fc.integer({ min: -720, max: 720 }), ([r, g, b, a], degrees) => {
    const turned = recolour(pixels(r * a, g * a, b * a, a), degrees);
    const rgb = [...turned.data.subarray(0, 3)];
    const ends = [Math.max(r, g, b) * a, Math.min(r, g, b) * a];
    assertClose([Math.max(...rgb), Math.min(...rgb)], ends, 1e-5);
    assert.equal(turned.data[3], Math.fround(a));
    assertClose(recolour(turned, -degrees).data, [r * a, g * a, b * a, a], 1e-5);
  }));
});

Deno.test("recolour commutes with the multiplication by alpha", () => {
  const full = recolour(pixels(0.8, 0.2, 0.4, 1), 100).data;
  assertClose(recolour(pixels(0.4, 0.1, 0.2, 0.5), 100).data, full.map((v) => v / 2), 1e-5);
});
