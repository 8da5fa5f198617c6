import assert from "node:assert/strict";
import { createCpuBackend } from "../backend/cpu.ts";
import { createRegularizer, overlapAdjoint, regularize } from "./regularizer.ts";

Deno.test("regularize adds λ to the first count elements", () => {
  const cotangent = new Float32Array([1, -2, 3]);
  regularize.twin({ cotangent }, { count: 2, lambda: 0.25 });
  assert.deepEqual([...cotangent], [1.25, -1.75, 3]);
});

const PLANES = 3, PIXELS = 4, WEIGHT = 1.5;
const alpha = Float32Array.from({ length: PLANES * PIXELS }, (_, i) => (7 * i % 12) / 11);

/** κ Σ_pixels Σ_{i<j} α_i·α_j */
function overlap(alpha: Float64Array): number {
  let total = 0;
  for (let p = 0; p < PIXELS; p++) {
    for (let i = 0; i < PLANES; i++) {
      for (let j = i + 1; j < PLANES; j++) total += alpha[i * PIXELS + p] * alpha[j * PIXELS + p];
    }
  }
  return WEIGHT * total;
}

Deno.test("overlapAdjoint adds the gradient of the masks' overlap", () => {
  const before = alpha.map((_, i) => i - 5);
  const cotangent = before.slice();
  overlapAdjoint.twin({ alpha, cotangent }, { planes: PLANES, pixels: PIXELS, weight: WEIGHT });
  const h = 1e-3;
  for (let i = 0; i < alpha.length; i++) {
    const at = (step: number) => overlap(Float64Array.from(alpha).with(i, alpha[i] + step));
    const gradient = (at(h) - at(-h)) / (2 * h);
    assert(Math.abs(cotangent[i] - before[i] - gradient) < 1e-5, `element ${i}`);
  }
});

Deno.test("one mask has nothing to overlap with", () => {
  const cotangent = Float32Array.of(1, -2);
  overlapAdjoint.twin({ alpha, cotangent }, { planes: 1, pixels: 2, weight: WEIGHT });
  assert.deepEqual([...cotangent], [1, -2]);
});

Deno.test("masks cost λ per pixel, and 4λ more where another mask is, if prompts compete", async () => {
  await using backend = await createCpuBackend({ threads: 1 });
  using alpha = backend.tensor([2, 1, 1], new Float32Array([1, 0.25]));
  for (const [exclusive, wanted] of [[false, [0.5, 0.5]], [true, [1, 2.5]]] as const) {
    using cotangent = backend.tensor([2, 1, 1], new Float32Array(2));
    createRegularizer(backend, { lambda: 0.5, exclusive }).adjoint(alpha, cotangent);
    assert.deepEqual([...await backend.read(cotangent)], wanted);
  }
});
