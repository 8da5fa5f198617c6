import assert from "node:assert/strict";
import { assertAdjoint, normals } from "../../tests/vectors.ts";
import { layers, layersAdjoint, layersImageAdjoint } from "./layers.ts";

const F = 2, B = 3, PIXELS = 20;
const uniforms = { foregrounds: F, backgrounds: B, pixels: PIXELS };

function apply(pictures: Float32Array, alpha: Float32Array): Float32Array {
  const result = new Float32Array(3 * F * B * PIXELS);
  layers.twin({ pictures, alpha, result }, uniforms);
  return result;
}

Deno.test("a cell is its foreground where α is 1 and its background where it is 0", () => {
  const pictures = normals(3 * (F + B) * PIXELS, 1);
  const picture = (p: number) => [...pictures.subarray(3 * p * PIXELS, 3 * (p + 1) * PIXELS)];
  const alpha = new Float32Array(F * PIXELS).fill(1, PIXELS);
  const first = [picture(F), picture(F + 1), picture(F + 2)];
  const second = [picture(1), picture(1), picture(1)];
  assert.deepEqual([...apply(pictures, alpha)], [...first, ...second].flat());
});

Deno.test("layersAdjoint is the transpose of what is linear in α", () => {
  const pictures = normals(3 * (F + B) * PIXELS, 2), x = normals(F * PIXELS, 3);
  const v = normals(3 * F * B * PIXELS, 4), jtv = new Float32Array(F * PIXELS);
  const constant = apply(pictures, new Float32Array(F * PIXELS));
  const jx = apply(pictures, x).map((value, i) => value - constant[i]);
  layersAdjoint.twin({ pictures, cotangent: v, result: jtv }, uniforms);
  assertAdjoint({ x, jx, v, jtv });
});

Deno.test("layersImageAdjoint is the transpose with respect to the pictures", () => {
  const alpha = normals(F * PIXELS, 5), x = normals(3 * (F + B) * PIXELS, 6);
  const v = normals(3 * F * B * PIXELS, 7), jtv = new Float32Array(x.length);
  layersImageAdjoint.twin({ alpha, cotangent: v, result: jtv }, uniforms);
  assertAdjoint({ x, jx: apply(x, alpha), v, jtv });
});
