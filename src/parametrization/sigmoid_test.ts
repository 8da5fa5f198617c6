import { sigmoid, sigmoidAdjoint } from "./sigmoid.ts";
import { assertAdjoint, assertClose, normals } from "../../tests/vectors.ts";

function apply(x: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  sigmoid.twin({ x, y }, { count: x.length });
  return y;
}

Deno.test("sigmoid has its known values, and saturates without overflow", () => {
  const y = apply(Float32Array.from([0, Math.log(3), -Math.log(3), 1000, -1000]));
  assertClose(y, [0.5, 0.75, 0.25, 1, 0], 1e-7);
});

Deno.test("sigmoidAdjoint agrees with finite differences", () => {
  const x = normals(500, 1), cotangent = normals(500, 2);
  const y = apply(x), result = new Float32Array(500);
  sigmoidAdjoint.twin({ y, cotangent, result }, { count: 500 });
  const h = 2 ** -8;
  const above = apply(x.map((value) => value + h)), below = apply(x.map((value) => value - h));
  assertClose(result, cotangent.map((c, i) => c * (above[i] - below[i]) / (2 * h)), 1e-4);
});

Deno.test("sigmoidAdjoint is the transpose of the tangent map", () => {
  const x = normals(500, 3), v = normals(500, 4), y = apply(normals(500, 5));
  const jx = x.map((value, i) => value * y[i] * (1 - y[i]));
  const jtv = new Float32Array(500);
  sigmoidAdjoint.twin({ y, cotangent: v, result: jtv }, { count: 500 });
  assertAdjoint({ x, jx, v, jtv });
});
