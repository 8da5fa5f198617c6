/**
 * Vectors of the tests: making them, and comparing them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { normal } from "../src/backend/random.ts";

/** `count` standard normal numbers, the same for the same seed. */
export function normals(count: number, seed: number): Float32Array {
  const result = new Float32Array(count);
  normal.twin({ result }, { count, seed, stream: 0, counter: 0 });
  return result;
}

/** The inner product ⟨a, b⟩, in 64 bits. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** ‖a − b‖, in 64 bits. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  const difference = Array.from(a, (value, i) => value - b[i]);
  return Math.sqrt(dot(difference, difference));
}

/** ‖a − b‖ / ‖b‖ */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return distance(a, b) / Math.sqrt(dot(b, b));
}

/** Fails unless ⟨Jx, v⟩ = ⟨x, Jᵀv⟩ to 10⁻⁶ of the vectors' lengths. */
export function assertAdjoint(
  { x, jx, v, jtv }: Readonly<Record<"x" | "jx" | "v" | "jtv", Float32Array>>,
) {
  const lengths = Math.sqrt(dot(jx, jx) * dot(v, v) + dot(x, x) * dot(jtv, jtv));
  const forward = dot(jx, v), backward = dot(x, jtv);
  // All-zero results would agree too.
  assert.ok(lengths > 0 && dot(jx, jx) > 0 && dot(jtv, jtv) > 0);
  assert.ok(
    Math.abs(forward - backward) <= 1e-6 * lengths,
    `⟨Jx, v⟩ is ${forward}, ⟨x, Jᵀv⟩ is ${backward}`,
  );
}

/** Fails unless every element differs by at most `tolerance`; `what` names the vector. */
export function assertClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what = "vector",
) {
  assert.equal(actual.length, wanted.length, `${what}: length`);
  for (let i = 0; i < actual.length; i++) {
    // Written so that NaN fails.
    if (Math.abs(actual[i] - wanted[i]) <= tolerance) continue;
    assert.fail(`${what}: element ${i} is ${actual[i]}, wanted ${wanted[i]} ± ${tolerance}`);
  }
}

/** Fails unless the difference is at most `tolerance` of the wanted vector, in the norm. */
export function assertRelativelyClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  const error = relativeError(actual, wanted);
  assert.ok(error <= tolerance, `${what}: relative error ${error}, allowed ${tolerance}`);
}
