import assert from "node:assert/strict";
import { normal } from "../src/backend/random.ts";

/** `count` standard normal numbers, the same for the same seed. */
export function normals(count: number, seed: number): Float32Array {
  const result = new Float32Array(count);
  normal.twin({ result }, { count, seed, stream: 0, counter: 0 });
  return result;
}

/** The inner product ⟨a, b⟩, in 64 bits. */
export function dot(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
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

/** Fails unless every element differs by at most `tolerance`. */
export function assertClose(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: number,
) {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    // Written so that NaN fails.
    if (Math.abs(actual[i] - expected[i]) <= tolerance) continue;
    assert.fail(`element ${i} is ${actual[i]}, wanted ${expected[i]}`);
  }
}
