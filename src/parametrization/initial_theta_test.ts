import assert from "node:assert/strict";
import { assertClose } from "../../tests/vectors.ts";
import { normal, STREAMS } from "../backend/random.ts";
import { initialTheta } from "./initial_theta.ts";

const SETTINGS = { alphaSize: 64, seed: 3, square: "scale" } as const;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Mean of the squared differences of horizontal neighbours. */
function roughness(theta: Float32Array) {
  const side = SETTINGS.alphaSize;
  const steps = theta.filter((_, i) => i % side > 0).map((_, k) => {
    const i = k + Math.floor(k / (side - 1)) + 1;
    return (theta[i] - theta[i - 1]) ** 2;
  });
  return steps.reduce((sum, step) => sum + step, 0) / steps.length;
}

Deno.test("noise is the init stream's", () => {
  const theta = initialTheta({ ...SETTINGS, init: "noise" });
  const result = new Float32Array(64 * 64);
  normal.twin({ result }, { count: 64 * 64, seed: 3, stream: STREAMS.init, counter: 0 });
  assert.deepEqual(theta, result);
});

Deno.test("blurred noise is noise without its roughness, and another for another seed", () => {
  const blurred = initialTheta({ ...SETTINGS, init: "blurred-noise" });
  const spread = Math.sqrt(blurred.reduce((sum, x) => sum + x * x, 0) / blurred.length);
  assert(spread > 0.4 && spread < 1, `spread ${spread}`);
  // Neighbours of white noise differ by 2 in the mean square; these are a quarter of a point apart.
  assert(Math.abs(roughness(initialTheta({ ...SETTINGS, init: "noise" })) - 2) < 0.2);
  assert(roughness(blurred) < 0.1);
  assert.notDeepEqual(initialTheta({ ...SETTINGS, init: "blurred-noise", seed: 4 }), blurred);
});

Deno.test("a constant is α = ½", () => {
  const theta = initialTheta({ ...SETTINGS, init: "constant" });
  assert.deepEqual([theta.length, new Set(theta)], [64 * 64, new Set([0])]);
});

Deno.test("an image is α = σ(θ), cut to 0.02..0.98 and placed as its image is", () => {
  const alpha = { width: 4, height: 2, alpha: Float32Array.of(0, 0.25, 0.5, 1, 0, 0.25, 0.5, 1) };
  const placed = (square: "scale" | "pad") =>
    initialTheta({ init: "image", alphaSize: 4, seed: 0, square }, alpha).map(sigmoid);
  const row = [0.02, 0.25, 0.5, 0.98], none = [0.5, 0.5, 0.5, 0.5];
  assertClose(placed("scale"), [row, row, row, row].flat(), 1e-6);
  assertClose(placed("pad"), [none, row, row, none].flat(), 1e-6);
});
