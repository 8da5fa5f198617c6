import assert from "node:assert/strict";
import { assertAdjoint, normals } from "../../tests/vectors.ts";
import { layers, layersAdjoint, layersImageAdjoint } from "./layers.ts";

const F = 2, B = 3, PIXELS = 20;
const uniforms = { foregrounds: F, backgrounds: B, pixels: PIXELS };

function apply(images: Float32Array, alpha: Float32Array): Float32Array {
  const result = new Float32Array(3 * F * B * PIXELS);
  layers.twin({ images, alpha, result }, uniforms);
  return result;
}

Deno.test("a cell is its foreground where α is 1 and its background where it is 0", () => {
  const images = normals(3 * (F + B) * PIXELS, 1);
  const image = (p: number) => [...images.subarray(3 * p * PIXELS, 3 * (p + 1) * PIXELS)];
  const alpha = new Float32Array(F * PIXELS).fill(1, PIXELS);
  const first = [image(F), image(F + 1), image(F + 2)];
  const second = [image(1), image(1), image(1)];
  assert.deepEqual([...apply(images, alpha)], [...first, ...second].flat());
});

Deno.test("layersAdjoint is the transpose of layers' part that is linear in α", () => {
  const images = normals(3 * (F + B) * PIXELS, 2), x = normals(F * PIXELS, 3);
  const v = normals(3 * F * B * PIXELS, 4), jtv = new Float32Array(F * PIXELS);
  const constant = apply(images, new Float32Array(F * PIXELS));
  const jx = apply(images, x).map((value, i) => value - constant[i]);
  layersAdjoint.twin({ images, cotangent: v, result: jtv }, uniforms);
  assertAdjoint({ x, jx, v, jtv });
});

Deno.test("layersImageAdjoint is the transpose with respect to the images", () => {
  const alpha = normals(F * PIXELS, 5), x = normals(3 * (F + B) * PIXELS, 6);
  const v = normals(3 * F * B * PIXELS, 7), jtv = new Float32Array(x.length);
  layersImageAdjoint.twin({ alpha, cotangent: v, result: jtv }, uniforms);
  assertAdjoint({ x, jx: apply(x, alpha), v, jtv });
});
