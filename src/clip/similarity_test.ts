import assert from "node:assert/strict";
import { assertClose, dot, normals } from "../../tests/vectors.ts";
import { similarity, similarityAdjoint, unitRows } from "./similarity.ts";

const [planes, width, scale] = [3, 40, 14];
const size = { planes, width, scale };
const texts = normals(planes * width, 1);
for (let p = 0; p < planes; p++) {
  const text = texts.subarray(p * width, (p + 1) * width);
  text.set(text.map((value) => value / Math.hypot(...text)));
}
const logits = (embeds: Float32Array) => {
  const result = new Float32Array(planes);
  similarity.twin({ embeds, texts, result }, size);
  return result;
};

Deno.test("similarity is the scale for the text itself, whatever its length, and −scale opposite", () => {
  assertClose(logits(texts), new Float32Array(planes).fill(scale), 1e-5);
  assertClose(logits(texts.map((t) => -7 * t)), new Float32Array(planes).fill(-scale), 1e-5);
});

Deno.test("its adjoint agrees with differences, in each plane by itself", () => {
  const embeds = normals(planes * width, 2), direction = normals(planes * width, 3);
  const cotangent = normals(planes, 4);
  const result = new Float32Array(planes * width);
  similarityAdjoint.twin({ embeds, texts, cotangent, result }, size);
  const step = 1e-3;
  const moved = (by: number) => logits(embeds.map((value, i) => value + by * direction[i]));
  const [after, before] = [moved(step), moved(-step)];
  const differences = after.map((value, p) => (value - before[p]) / (2 * step));
  const [wanted, found] = [dot(differences, cotangent), dot(result, direction)];
  assert(Math.abs(wanted - found) < 1e-3 * scale, `${wanted}, ${found}`);
  // A longer embedding has the same logit.
  assert(Math.abs(dot(result, embeds)) < 1e-4);
});

Deno.test("unitRows brings each row to length 1", () => {
  const rows = unitRows(Float32Array.of(3, 4, 0, 2), 2);
  assert.deepEqual(rows, Float32Array.of(0.6, 0.8, 0, 1));
});
