import assert from "node:assert/strict";
import { composite, compositeAdjoint, compositeImageAdjoint } from "./composite.ts";
import { assertAdjoint, assertClose, normals } from "../../tests/vectors.ts";

const PLANES = 3, PIXELS = 50;
const sizes = { planes: PLANES, images: 1, pixels: PIXELS };
const uniforms = { ...sizes, red: 0.25, green: 0.5, blue: 0.875 };
const BACKGROUND = [0.25, 0.5, 0.875];

function apply(image: Float32Array, alpha: Float32Array): Float32Array {
  const result = new Float32Array(3 * PLANES * PIXELS);
  const images = image.length / (3 * PIXELS);
  composite.twin({ image, alpha, result }, { ...uniforms, images });
  return result;
}

Deno.test("composite is the background where α is 0 and the image where it is 1", () => {
  const image = normals(3 * PIXELS, 1);
  const alpha = new Float32Array(PLANES * PIXELS).fill(1, PIXELS, 2 * PIXELS);
  const background = BACKGROUND.flatMap((value) => Array<number>(PIXELS).fill(value));
  assert.deepEqual([...apply(image, alpha)], [...background, ...image, ...background]);
});

Deno.test("composite is half of each where α is ½", () => {
  const image = normals(3 * PIXELS, 2);
  const alpha = new Float32Array(PLANES * PIXELS).fill(0.5);
  const half = Array.from(image, (x, i) => (x + BACKGROUND[Math.floor(i / PIXELS)]) / 2);
  assertClose(apply(image, alpha), [...half, ...half, ...half], 1e-7);
});

Deno.test("compositeAdjoint is the transpose of composite's part that is linear in α", () => {
  const image = normals(3 * PIXELS, 3), x = normals(PLANES * PIXELS, 4);
  const v = normals(3 * PLANES * PIXELS, 5), jtv = new Float32Array(PLANES * PIXELS);
  const constant = apply(image, new Float32Array(PLANES * PIXELS));
  const jx = apply(image, x).map((value, i) => value - constant[i]);
  compositeAdjoint.twin({ image, cotangent: v, result: jtv }, uniforms);
  assertAdjoint({ x, jx, v, jtv });
});

Deno.test("compositeAdjoint is that too where each mask has an image of its own", () => {
  const image = normals(3 * PLANES * PIXELS, 6), x = normals(PLANES * PIXELS, 7);
  const v = normals(3 * PLANES * PIXELS, 8), jtv = new Float32Array(PLANES * PIXELS);
  const constant = apply(image, new Float32Array(PLANES * PIXELS));
  const jx = apply(image, x).map((value, i) => value - constant[i]);
  compositeAdjoint.twin({ image, cotangent: v, result: jtv }, { ...uniforms, images: PLANES });
  assertAdjoint({ x, jx, v, jtv });
});

Deno.test("compositeImageAdjoint is the transpose of composite's part that is linear in the images", () => {
  const alpha = normals(PLANES * PIXELS, 9), x = normals(3 * PLANES * PIXELS, 10);
  const v = normals(3 * PLANES * PIXELS, 11), jtv = new Float32Array(3 * PLANES * PIXELS);
  const constant = apply(new Float32Array(3 * PLANES * PIXELS), alpha);
  const jx = apply(x, alpha).map((value, i) => value - constant[i]);
  compositeImageAdjoint.twin({ alpha, cotangent: v, result: jtv }, sizes);
  assertAdjoint({ x, jx, v, jtv });
});
